import type {
  Feature as CardFeature,
  Unit as CardUnit,
  DerivedFeature,
} from '@presage/models/card/feature-schema'
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

const Monotone = builder.enumType('Monotone', {
  description: 'How the output moves when the feature grows.',
  values: { INCREASING: { value: 'increasing' }, DECREASING: { value: 'decreasing' } } as const,
})

/** An input of a model, or what it computes from its inputs. */
export type DescribedFeature = CardFeature & { derivedFrom?: readonly string[] }

/** What is derived, described as the inputs are: a number that is not sent. */
export const describeDerived = (derived: readonly DerivedFeature[]): DescribedFeature[] =>
  derived.map(({ name, title, unit, help, formula }) => ({
    ...{ name, title, type: 'float', required: false, mutable: false, example: 0 },
    ...(unit ? { unit } : {}),
    help: help ? `${help} ${formula.source}` : formula.source,
    derivedFrom: formula.inputs,
  }))

/** An input of a model, or what it computes from its inputs. */
export const Feature = builder.objectRef<DescribedFeature>('Feature').implement({
  description: 'An input of a model, or a figure derived from inputs. The range is in `unit`.',
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
    mutable: t.exposeBoolean('mutable', { description: 'Whether a person can change it.' }),
    monotone: t.field({
      type: Monotone,
      nullable: true,
      description: 'null = either way',
      resolve: (feature) => feature.monotone ?? null,
    }),
    derivedFrom: t.stringList({
      nullable: true,
      description: 'The features it is computed from; null = it is sent.',
      resolve: (feature) => (feature.derivedFrom ? [...feature.derivedFrom] : null),
    }),
  }),
})
