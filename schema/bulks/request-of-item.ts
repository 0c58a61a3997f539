import type { PredictionRequest } from '@presage/domain/catalogue/parse-request'
import { InvalidInputError } from '@presage/domain/errors'
import { inputKey } from '@presage/models/card/api-names'
import type { ModelCard } from '@presage/models/card/card-schema'
import type { Catalogue } from '@presage/models/card/load-catalogue'

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refused = (path: string[], message: string, choices?: string[]) =>
  new InvalidInputError([{ path, message, ...(choices ? { choices } : {}) }])

/**
 * The request that an item of a bulk stands for: what PredictInput takes, but checked here, so that
 * GraphQL does not refuse a thousand items for one.
 *
 * @throws InvalidInputError when it names no model on sale, or has another shape.
 */
export function requestOfItem(catalogue: Catalogue, item: unknown): PredictionRequest {
  const { models } = catalogue
  const keys = models.map(({ card }) => inputKey(card))
  const [[key, value] = ['', null], ...more] = isFields(item) ? Object.entries(item) : []
  const sold = models.find((model) => inputKey(model.card) === key)?.card
  if (!sold || more.length > 0)
    throw refused([], 'An item has one key, the name of a model on sale.', keys)
  if (!isFields(value) || !isFields(value.features))
    throw refused([key, 'features'], `${sold.title} is sent as { variant, features }.`)
  const version = versionOf(value.version)
  const card = (version && catalogue.version(sold.name, version)?.card) || sold
  return {
    model: card.name,
    version,
    variant: variantOf(card, value.variant),
    features: featuresOf(card, value.features),
  }
}

function versionOf(sent: unknown): string | null {
  if (sent == null) return null
  if (typeof sent === 'string') return sent
  throw refused(['version'], 'A version is a text such as 1.0.0.')
}

function variantOf({ variants, title }: ModelCard, sent: unknown): string {
  const variant =
    sent == null ? variants[0] : variants.find(({ name }) => name.toUpperCase() === sent)
  if (variant) return variant.name
  const choices = variants.map(({ name }) => name.toUpperCase())
  throw refused(['variant'], `${title} has no such variant.`, choices)
}

/** A choice is sent as the name of its enum value, and read in the card's own spelling. */
function featuresOf({ features }: ModelCard, sent: Fields): Fields {
  const read = { ...sent }
  for (const { name, type, choices = [] } of features)
    if (type === 'choice' && Object.hasOwn(sent, name))
      read[name] = choices.find((choice) => choice.toUpperCase() === sent[name]) ?? sent[name]
  return read
}
