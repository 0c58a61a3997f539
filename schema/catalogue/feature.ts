import type { Feature as CardFeature, Unit as CardUnit } from '@presage/models/card/card-schema'
import { builder } from '../builder.js'

const FeatureType = builder.enumType('FeatureType', {
  values: {
    FLOAT: { value: 'float' },
    INT: { value: 'int' },
    BOOLEAN: { value: 'boolean' },
    CHOICE: { value: 'choice' },
    UPLOAD: { value: 'upload' },
  } as const,
})

const Unit = builder.objectRef<CardUnit>('Unit').implement({
  description: 'A unit in which a feature may be sent.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As it is sent, e.g. G_PER_L.' }),
    symbol: t.exposeString('symbol', { description: 'As it is written, e.g. g/L.' }),
    factor: t.exposeFloat('factor', {
      description: 'Value in the first unit = value × factor + offset.',
    }),
    offset: t.exposeFloat('offset'),
  }),
})

/** An input of a model. */
export const Feature = builder.objectRef<CardFeature>('Feature').implement({
  description: 'An input of a model. The range is in `unit`.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    type: t.field({ type: FeatureType, resolve: (feature) => feature.type }),
    required: t.exposeBoolean('required'),
    help: t.exposeString('help', { nullable: true, description: 'null = none' }),
    group: t.exposeString('group', { nullable: true, description: 'null = none' }),
    unit: t.string({
      nullable: true,
      description: 'null = none',
      resolve: (feature) => feature.unit ?? feature.units?.[0]?.symbol ?? null,
    }),
    units: t.field({
      type: [Unit],
      description: 'The units to choose from; empty = the value is sent as a bare number.',
      resolve: (feature) => feature.units ?? [],
    }),
    min: t.exposeFloat('min', { nullable: true, description: 'null = none' }),
    max: t.exposeFloat('max', { nullable: true, description: 'null = none' }),
    choices: t.stringList({
      nullable: true,
      description: 'null = none',
      resolve: (feature) => feature.choices?.map((choice) => choice.toUpperCase()) ?? null,
    }),
    example: t.field({ type: 'JSON', resolve: (feature) => feature.example }),
  }),
})
