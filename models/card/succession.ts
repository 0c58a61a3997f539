import type { Contract } from './contract.js'
import type { Unit } from './feature-schema.js'

type Feature = Contract['features'][number]
type Variant = Contract['variants'][number]

const sameUnit = (a: Unit, b: Unit) =>
  a.name === b.name && a.factor === b.factor && a.offset === b.offset

function unitFaults(older: Feature, newer: Feature): string[] {
  if (older.unit !== newer.unit) return [`its unit was ${older.unit ?? 'none'}`]
  if (!older.units !== !newer.units) return ['units cannot be brought in or dropped']
  const [first] = older.units ?? []
  if (first && newer.units?.[0]?.name !== first.name)
    return [`${first.name} must stay the first unit`]
  return (older.units ?? [])
    .filter((unit) => !newer.units?.some((each) => sameUnit(unit, each)))
    .map((unit) => `the unit ${unit.name} must stay as it was`)
}

function featureFaults(older: Feature, newer: Feature | undefined): string[] {
  if (!newer) return ['is missing']
  if (older.type !== newer.type) return [`was a ${older.type}`]
  const gone = (older.choices ?? []).filter((choice) => !newer.choices?.includes(choice))
  return [
    ...(newer.required && !older.required ? ['was optional and must stay so'] : []),
    ...((newer.min ?? -Infinity) > (older.min ?? -Infinity)
      ? [`min must be ${older.min} at most`]
      : []),
    ...((newer.max ?? Infinity) < (older.max ?? Infinity)
      ? [`max must be ${older.max} at least`]
      : []),
    ...gone.map((choice) => `the choice ${choice} must stay`),
    ...unitFaults(older, newer),
  ]
}

function variantFaults(older: Variant, newer: Variant | undefined, card: Contract): string[] {
  if (!newer) return ['is missing']
  const isRequired = (name: string) =>
    older.requires.includes(name) || card.features.some((it) => it.name === name && it.required)
  return newer.requires
    .filter((name) => !isRequired(name))
    .map((name) => `must not require ${name}, which was optional`)
}

/** What callers read of an output, and versions are compared by. */
const meaningOf = ({ output }: Contract) => output.unit ?? output.labels ?? output.mediaType

/**
 * Why a card cannot be a newer version of another: it must take every input that the older takes,
 * and answer in the same terms. It may add optional features and variants, and widen ranges.
 */
export function successionFaults(older: Contract, newer: Contract): string[] {
  const features = older.features.flatMap((feature) => {
    const next = newer.features.find(({ name }) => name === feature.name)
    return featureFaults(feature, next).map((fault) => `feature ${feature.name}: ${fault}`)
  })
  const added = newer.features
    .filter(({ name, required }) => required && !older.features.some((it) => it.name === name))
    .map(({ name }) => `feature ${name}: is new and must be optional`)
  const variants = older.variants.flatMap((variant) => {
    const next = newer.variants.find(({ name }) => name === variant.name)
    return variantFaults(variant, next, older).map((fault) => `variant ${variant.name}: ${fault}`)
  })
  const [first] = older.variants
  const isFirst = newer.variants[0]?.name === first?.name
  const meanings = [older, newer].map((card) => JSON.stringify([card.task, meaningOf(card)]))
  return [
    ...features,
    ...added,
    ...variants,
    ...(isFirst ? [] : [`variants: ${first?.name} must stay the first, which is run by default`]),
    ...(meanings[0] === meanings[1] ? [] : [`output: must stay as it was: ${meanings[0]}`]),
  ]
}
