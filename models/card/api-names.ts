import type { ModelCard } from './card-schema.js'
import type { Feature } from './feature-schema.js'

/** A name of several words as GraphQL's types are called. */
export const pascal = (name: string) =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/** The key of a model in PredictInput. */
export const inputKey = ({ name }: Pick<ModelCard, 'name'>) =>
  pascal(name).replace(/^./, (first) => first.toLowerCase())

/** The type of a choice, or of a number with its unit. */
export const featureType = ({ name }: Pick<ModelCard, 'name'>, feature: Pick<Feature, 'name'>) =>
  pascal(name) + pascal(feature.name)

/** The GraphQL types that are generated from a card, each with what it is of. */
export function typesOf(card: ModelCard): { type: string; of: string }[] {
  const own = ['Input', 'Variant', 'Features'].map((word) => ({
    type: pascal(card.name) + word,
    of: `the model ${card.name}`,
  }))
  const ofFeatures = card.features.flatMap((feature) => {
    const [type, of] = [featureType(card, feature), `${feature.name} of ${card.name}`]
    if (feature.units) return [type, `${type}Unit`].map((each) => ({ type: each, of }))
    return feature.choices ? [{ type, of }] : []
  })
  return [...own, ...ofFeatures]
}

/** A name that two installed models, or two features, would both have in the API. */
export interface Collision {
  card: ModelCard
  message: string
}

/** The first two of these cards' types that would have one name; undefined when there are none. */
export function collisionOf(cards: readonly ModelCard[]): Collision | undefined {
  const taken = new Map<string, string>()
  for (const card of cards)
    for (const { type, of } of typesOf(card)) {
      const other = taken.get(type)
      const both = `${other} and ${of} would both be ${type} in the API`
      if (other) return { card, message: `name: ${both}; rename one` }
      taken.set(type, of)
    }
  return undefined
}
