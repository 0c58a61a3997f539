import type { Contribution, Explanation } from '@presage/messages/output'
import type { ModelCard } from '@presage/models/card/card-schema'
import { fromCanonical, type Unit } from '@presage/models/card/feature-schema'
import type { Currency } from '@presage/prisma/generated/client/client'
import { amountText, currencyOf } from './amount-text.js'
import { PROTECTED } from './profile-fields.js'

/** Why a score is as high as it is, in the words of the model's card. */
export interface Reason {
  title: string
  /** With its unit or currency: `NT$5,000`, `3 months`. */
  value: string
}

type Card = Pick<ModelCard, 'features' | 'derived'>

interface Explained extends Contribution {
  title: string
  unit: string | null
  units: readonly Unit[]
  inputs: readonly string[]
}

/** As many reasons as a refusal of credit names in the United States (Regulation B, § 1002.9). */
const MOST = 4

/**
 * The facts that raised the probability most, the weightiest first: one for each matter, since a model
 * looks at the same payments in many ways. What lowered the probability is no reason, and nothing that
 * knows of a protected field is told. Amounts are in `currency`.
 */
export function reasonsOf(
  card: Card,
  { contributions }: Explanation,
  currency: Currency,
): Reason[] {
  const matters = new Map<string, Explained[]>()
  for (const fact of contributions.flatMap((each) => describe(card, each) ?? [])) {
    if (fact.inputs.some(isProtected)) continue
    const matter = [...new Set(fact.inputs.map(seriesOf))].sort().join()
    matters.set(matter, [...(matters.get(matter) ?? []), fact])
  }
  return [...matters.values()]
    .map((facts) => ({ fact: heaviest(facts), weight: sum(facts) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST)
    .flatMap(({ fact }) =>
      fact ? [{ title: fact.title, value: valueText(card, fact, currency) }] : [],
    )
}

/** The months of a series are numbered: `paid1` and `paid6` are both of `paid`. */
const seriesOf = (feature: string): string => feature.replace(/\d+$/, '')

const sum = (facts: readonly Explained[]) =>
  facts.reduce((total, { contribution }) => total + contribution, 0)

const heaviest = (facts: readonly Explained[]): Explained | undefined =>
  [...facts].sort((a, b) => b.contribution - a.contribution)[0]

const isProtected = (input: string): boolean => PROTECTED.some((field) => field === input)

function describe(card: Card, contribution: Contribution): Explained | null {
  const { feature: name } = contribution
  const feature = card.features.find((each) => each.name === name)
  if (feature) {
    const { title, unit = null, units = [] } = feature
    return { ...contribution, title, unit, units, inputs: [name] }
  }
  const derived = card.derived.find((each) => each.name === name)
  if (!derived) return null
  const { title, unit = null } = derived
  return { ...contribution, title, unit, units: [], inputs: rootsOf(card, name) }
}

/** The features that a derived column comes from, through others that are derived. */
function rootsOf(card: Card, name: string): string[] {
  const derived = card.derived.find((each) => each.name === name)
  return derived ? derived.formula.inputs.flatMap((input) => rootsOf(card, input)) : [name]
}

function valueText(card: Card, { value, unit, units }: Explained, currency: Currency): string {
  if (value === null) return 'not known'
  if (typeof value !== 'number') return String(value)
  const known = units.length > 0 ? units : currencies(card, unit)
  const wanted = known.find(({ name }) => name === currency)
  if (wanted) return amountText(fromCanonical(wanted, value), currency)
  const rounded = value.toLocaleString('en', { maximumFractionDigits: 2 })
  if (unit === null) return rounded
  return `${rounded} ${value === 1 ? unit.replace(/s$/, '') : unit}`
}

/** The units of an amount that is derived: those of the card's amounts, whose first unit it is in. */
const currencies = (card: Card, symbol: string | null): readonly Unit[] =>
  card.features.find(({ units }) => currencyOf(units?.[0]) && units?.[0]?.symbol === symbol)
    ?.units ?? []
