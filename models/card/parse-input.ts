import { asStored } from './as-stored.js'
import { brief } from './brief.js'
import type { ModelCard, Variant } from './card-schema.js'
import {
  canonicalUnit,
  type Feature,
  type FeatureValue,
  fromCanonical,
  toCanonical,
  type Unit,
} from './feature-schema.js'
import { optInIssues } from './opt-in-issues.js'
import { unknownNames } from './unknown-names.js'

/** What is wrong with one input. `min` and `max` are in `unit`, the unit the caller used. */
export interface InputIssue {
  path: string[]
  message: string
  unit?: string
  min?: number
  max?: number
  choices?: string[]
}

/**
 * Input that fits the card, or all that is wrong with it. `values` are in first units; `stored` is
 * what was sent with its unit made explicit, and can be parsed again.
 */
export type ParsedInput =
  | { ok: true; values: Record<string, FeatureValue>; stored: Record<string, unknown> }
  | { ok: false; issues: InputIssue[] }

type Read = FeatureValue | InputIssue

/** Six significant digits: enough for any laboratory, and no 0.30000000000000004. */
const round = (value: number) => Number(value.toPrecision(6))

/** Room for the rounding of a conversion: 70 g/L × 0.1 is 7.000000000000001 g/dL. */
const ROUNDING = 1e-9

function isPlausible(feature: Feature, value: number): boolean {
  const room = Math.abs(value) * ROUNDING
  return value + room >= (feature.min ?? -Infinity) && value - room <= (feature.max ?? Infinity)
}

function rangeIn(feature: Feature, unit: Unit | undefined) {
  const convert = (value: number | undefined) =>
    value === undefined ? undefined : round(unit ? fromCanonical(unit, value) : value)
  const [min, max] = [convert(feature.min), convert(feature.max)]
  const symbol = unit?.symbol ?? canonicalUnit(feature)
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(symbol === null ? {} : { unit: symbol }),
  }
}

const describe = (range: { min?: number; max?: number; unit?: string }) =>
  `from ${range.min} to ${range.max}${range.unit ? ` ${range.unit}` : ''}`

function expectation(feature: Feature): string {
  if (feature.type === 'choice') return `one of ${feature.choices?.join(', ')}`
  if (feature.type === 'boolean') return 'true or false'
  if (feature.type === 'upload') return 'the id of an upload'
  const kind = feature.type === 'int' ? 'a whole number' : 'a number'
  return `${kind} ${describe(rangeIn(feature, feature.units?.[0]))}`
}

function wrong(feature: Feature, message: string, unit?: Unit): InputIssue {
  const choices = feature.choices ? { choices: [...feature.choices] } : {}
  const range = rangeIn(feature, unit ?? feature.units?.[0])
  return { path: [feature.name], message, ...range, ...choices }
}

/** Says what is wrong with an implausible value, and in which unit it would make sense. */
function implausible(feature: Feature, value: number, unit: Unit | undefined): InputIssue {
  const range = rangeIn(feature, unit)
  const other = feature.units?.find(
    (candidate) => candidate !== unit && isPlausible(feature, toCanonical(candidate, value)),
  )
  const refusal = `${feature.title} must be ${describe(range)}; ${value} was sent.`
  const remedy = other ? ` In ${other.symbol} it is plausible: send unit ${other.name}.` : ''
  return wrong(feature, refusal + remedy, unit)
}

function readNumber(feature: Feature, sent: unknown, unit: Unit | undefined): number | InputIssue {
  const refused = () => wrong(feature, `${feature.title} must be ${expectation(feature)}.`, unit)
  if (typeof sent !== 'number' || !Number.isFinite(sent)) return refused()
  if (feature.type === 'int' && !Number.isInteger(sent)) return refused()
  const value = unit ? toCanonical(unit, sent) : sent
  return isPlausible(feature, value) ? value : implausible(feature, sent, unit)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readMeasured(feature: Feature, units: readonly Unit[], sent: unknown): Read {
  if (!isRecord(sent))
    return wrong(feature, `${feature.title} is sent as { value, unit }; it must be an object.`)
  const unit = sent.unit == null ? units[0] : units.find((each) => each.name === sent.unit)
  if (!unit) {
    const choices = units.map((each) => each.name)
    const other = typeof sent.unit === 'object' ? 'an object' : brief(String(sent.unit))
    const message = `${feature.title} is measured in ${choices.join(', ')}; not in ${other}.`
    return { path: [feature.name, 'unit'], message, choices }
  }
  return readNumber(feature, sent.value, unit)
}

function readFeature(feature: Feature, sent: unknown): Read {
  if (feature.units) return readMeasured(feature, feature.units, sent)
  const refused = () => wrong(feature, `${feature.title} must be ${expectation(feature)}.`)
  if (feature.type === 'boolean') return typeof sent === 'boolean' ? sent : refused()
  if (feature.type === 'upload') return typeof sent === 'string' && sent !== '' ? sent : refused()
  if (feature.type === 'choice') return feature.choices?.find((each) => each === sent) ?? refused()
  return readNumber(feature, sent, undefined)
}

function missing(feature: Feature, variant: Variant): InputIssue | undefined {
  const byVariant = variant.requires.includes(feature.name)
  if (!feature.required && !byVariant) return undefined
  const who = feature.required ? '' : ` for ${variant.title}`
  return wrong(feature, `${feature.title} must be given${who}: ${expectation(feature)}.`)
}

/**
 * Checks a caller's features against the card, and converts them to the card's first units.
 *
 * A feature with units is sent as `{ value, unit? }`, the unit by its name, the first one when
 * left out; any other as a bare value; `null` counts as not sent. Every issue is reported at once;
 * of unknown names the first 20, and how many more there are.
 */
export function parseInput(
  card: ModelCard,
  variantName: string,
  raw: Record<string, unknown>,
): ParsedInput {
  const variant = card.variants.find((each) => each.name === variantName)
  if (!variant) {
    const choices = card.variants.map((each) => each.name)
    const message = `${card.title} has the variants ${choices.join(', ')}; not ${variantName}.`
    return { ok: false, issues: [{ path: ['variant'], message, choices }] }
  }
  const issues = unknownNames(card, raw)
  const values: Record<string, FeatureValue> = {}
  for (const feature of card.features) {
    const sent = Object.hasOwn(raw, feature.name) ? raw[feature.name] : undefined
    const read = sent == null ? missing(feature, variant) : readFeature(feature, sent)
    if (read === undefined) continue
    if (typeof read === 'object') issues.push(read)
    else values[feature.name] = read
  }
  issues.push(...optInIssues(card, variant, values))
  return issues.length > 0
    ? { ok: false, issues }
    : { ok: true, values, stored: asStored(card, raw) }
}
