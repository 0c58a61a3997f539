import type { PredictionRequest } from '@presage/domain/catalogue/parse-request'
import { InvalidInputError } from '@presage/domain/errors'
import { featureType, inputKey, pascal, typesOf } from '@presage/models/card/api-names'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { Feature } from '@presage/models/card/feature-schema'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { builder } from '../builder.js'

type FeaturesValue = Record<string, unknown>
type ModelValue = { variant?: string | null; version?: string | null; features: FeaturesValue }

/** One key per model on sale; its fields come from the catalogue by {@link implementPredictInput}. */
export const PredictInput =
  builder.inputRef<Record<string, ModelValue | null | undefined>>('PredictInput')

/** A type that is generated from a card has a name that the API needs for one of its own. */
export class NameCollisionError extends Error {
  override readonly name = 'NameCollisionError'

  constructor(type: string, of: string) {
    super(`${of} would be ${type} in the API, which has a type of that name. Rename it.`)
  }
}

/**
 * Gives PredictInput a key for each model, generated from the card of its newest version: it takes
 * what every older one takes, and the card of the version that runs has the last word.
 *
 * @throws NameCollisionError
 */
export function implementPredictInput(catalogue: Catalogue): void {
  const cards = catalogue.models.map(({ card }) => card)
  for (const { type, of } of cards.flatMap(typesOf))
    if (type === PredictInput.name || builder.configStore.hasConfig(type))
      throw new NameCollisionError(type, of)
  PredictInput.implement({
    description: 'One key per model on sale.',
    isOneOf: true,
    fields: (t) =>
      Object.fromEntries(
        cards.map((card) => [inputKey(card), t.field({ type: modelInput(card) })]),
      ),
  })
}

/** The request that a PredictInput stands for. */
export function requestOf(
  catalogue: Catalogue,
  input: Record<string, ModelValue | null | undefined>,
): PredictionRequest {
  const [[key, value] = ['', null]] = Object.entries(input)
  const card = catalogue.models.find(({ card }) => inputKey(card) === key)?.card
  const variant = value?.variant ?? card?.variants[0]?.name
  if (!card || !value || !variant)
    throw new InvalidInputError([{ path: ['input'], message: 'Name one model.' }])
  return { model: card.name, variant, version: value.version, features: value.features }
}

function modelInput(card: ModelCard) {
  const name = pascal(card.name)
  const variants = builder.enumType(`${name}Variant`, {
    description: `The ways to run ${card.title}.`,
    values: Object.fromEntries(
      card.variants.map((variant) => [
        variant.name.toUpperCase(),
        { value: variant.name, description: offer(variant) },
      ]),
    ),
  })
  const features = featuresInput(card)
  return builder.inputRef<ModelValue>(`${name}Input`).implement({
    description: card.summary,
    fields: (t) => ({
      variant: t.field({ type: variants, defaultValue: card.variants[0]?.name ?? '' }),
      version: t.string({
        description: 'A version that is or has been on sale; null = the one on sale.',
      }),
      features: t.field({ type: features, required: true }),
    }),
  })
}

/** What a variant costs, and the first figure measured of it that states its interval. */
function offer({ title, price, metrics }: Variant): string {
  const cost = `${title}, ${price} ${price === 1 ? 'credit' : 'credits'}`
  const metric = metrics.find(({ low }) => low !== undefined)
  return metric
    ? `${cost}; ${metric.name} ${metric.value} (95 %: ${metric.low} to ${metric.high})`
    : cost
}

const featuresInput = (card: ModelCard) =>
  builder.inputRef<FeaturesValue>(`${pascal(card.name)}Features`).implement({
    description: `The features of ${card.title}.`,
    fields: (t) =>
      Object.fromEntries(
        card.features.map((feature) => [
          feature.name,
          t.field({
            type: featureInput(card, feature),
            required: feature.required,
            description: describe(feature),
          }),
        ]),
      ),
  })

function featureInput(card: ModelCard, feature: Feature) {
  const name = featureType(card, feature)
  if (feature.units) return quantityInput(name, feature)
  switch (feature.type) {
    case 'float':
      return 'Float' as const
    case 'int':
      return 'Int' as const
    case 'boolean':
      return 'Boolean' as const
    case 'upload':
      return 'ID' as const
    case 'choice':
      return builder.enumType(name, {
        values: Object.fromEntries(
          (feature.choices ?? []).map((choice) => [choice.toUpperCase(), { value: choice }]),
        ),
      })
  }
}

function quantityInput(name: string, feature: Feature) {
  const units = feature.units ?? []
  const unit = builder.enumType(`${name}Unit`, {
    values: Object.fromEntries(
      units.map((each) => [each.name, { value: each.name, description: each.symbol }]),
    ),
  })
  return builder.inputRef<{ value: number; unit?: string | null }>(name).implement({
    description: `${feature.title} with the unit it was measured in.`,
    fields: (t) => ({
      value: t.float({ required: true }),
      unit: t.field({ type: unit, description: `null = ${units[0]?.symbol ?? ''}` }),
    }),
  })
}

function describe({ title, min, max, unit, units, help }: Feature): string {
  const range = min === undefined ? '' : `, ${min} to ${max} ${unit ?? units?.[0]?.symbol ?? ''}`
  return `${title}${range.trimEnd()}.${help ? ` ${help}` : ''}`
}
