import type { Explanation, Output } from '@presage/messages/output'
import type { Variant } from '@presage/models/card/card-schema'
import type { SoundRow } from '@presage/models/card/check-model'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { exampleRows } from '../runtimes/example-rows.js'
import { type OpenModel, openModel, type PredictOutcome } from '../runtimes/open-model.js'
import type { Section } from './report-check.js'

/** The most that baseline and contributions may miss the output, as a part of its size. */
const ADDITIVITY = 1e-9

/** How far a figure of a golden row is from what was computed. */
interface Deviation {
  /** Line and field. */
  place: string
  off: number
  tolerance: number
}

interface Compared {
  deviations: Deviation[]
  faults: string[]
}

const short = (value: number) => String(Number(value.toPrecision(6)))

function compare(
  place: string,
  tolerance: number,
  expected: number | null | undefined,
  actual: unknown,
): Compared {
  if (expected === null && actual === null) return { deviations: [], faults: [] }
  if (typeof expected !== 'number' || typeof actual !== 'number')
    return { deviations: [], faults: [`${place}: ${expected} expected, ${actual} computed`] }
  const off = Math.abs(actual - expected)
  const said = `${place}: ${expected} expected, ${actual} computed: off by ${short(off)}, ${tolerance} allowed`
  return { deviations: [{ place, off, tolerance }], faults: off <= tolerance ? [] : [said] }
}

/** The figure that contributions add up to: of a class, its log-odds. */
const scaleOf = (output: Output) =>
  output.kind === 'classification'
    ? Math.log(output.probability / (1 - output.probability))
    : output.value

function checkSum(
  place: string,
  output: Output,
  { baseline, contributions }: Explanation,
): string[] {
  const sum = contributions.reduce((total, each) => total + each.contribution, baseline)
  const scale = scaleOf(output)
  const isWhole = Math.abs(sum - scale) <= ADDITIVITY * Math.max(1, Math.abs(scale))
  return isWhole ? [] : [`${place}explanation: adds up to ${sum}, and the output is ${scale}`]
}

/** Compares one golden row with its answer, figure by figure. */
function judge(place: string, row: SoundRow, outcome: PredictOutcome | undefined): Compared {
  if (!outcome || 'failure' in outcome)
    return { deviations: [], faults: [`${place}it fails: ${outcome?.failure.message}`] }
  const { output, explanation } = outcome
  const measured = new Map(output.measures.map(({ name, value }) => [name, value]))
  const names = new Set([...measured.keys(), ...Object.keys(row.measures)])
  const figures = [
    ...Object.entries(row.output).map(([name, expected]) =>
      compare(`${place}output.${name}`, row.tolerance, expected, Reflect.get(output, name)),
    ),
    ...[...names].map((name) =>
      compare(`${place}measures.${name}`, row.tolerance, row.measures[name], measured.get(name)),
    ),
  ]
  const sum = explanation ? checkSum(place, output, explanation) : []
  return {
    deviations: figures.flatMap(({ deviations }) => deviations),
    faults: [...figures.flatMap(({ faults }) => faults), ...sum],
  }
}

async function checkExamples(open: OpenModel, { card }: InstalledModel, variant: Variant) {
  const outcomes = await open.predict(variant.name, exampleRows(card, variant))
  return outcomes.flatMap((outcome, index) =>
    'failure' in outcome
      ? [
          `the card’s example${index > 0 ? ', with only what must be sent,' : ''} fails: ${outcome.failure.message}`,
        ]
      : [],
  )
}

async function recompute(
  open: OpenModel,
  model: InstalledModel,
  variant: Variant,
  rows: readonly SoundRow[],
) {
  const outcomes = await open.predict(
    variant.name,
    rows.map(({ values }) => ({ values, explain: true })),
  )
  return rows.map((row, index) =>
    judge(`${model.card.golden}, line ${row.line}, `, row, outcomes[index]),
  )
}

function inWords(rows: number, deviations: readonly Deviation[], isExplained: boolean): string {
  const [furthest] = [...deviations].sort((a, b) => b.off / b.tolerance - a.off / a.tolerance)
  const explained = isExplained ? ', explanations add up' : ''
  if (!furthest) return `${rows} rows computed${explained}`
  const { off, place, tolerance } = furthest
  return `${rows} rows computed, off by ${short(off)} at most of ${tolerance} allowed (${place})${explained}`
}

/**
 * Computes a variant's golden rows by the runtime that a worker would use, and its card's example.
 */
export async function checkVariant(
  model: InstalledModel,
  variant: Variant,
  rows: readonly SoundRow[],
): Promise<Section> {
  const title = variant.name
  const alone = { ...model, card: { ...model.card, variants: [variant] } }
  const open = await openModel(alone).catch((error: Error) => error)
  if (open instanceof Error) return { title, said: 'not computed', faults: [open.message] }
  try {
    const compared = await recompute(open, model, variant, rows)
    const faults = compared.flatMap((each) => each.faults)
    const deviations = compared.flatMap((each) => each.deviations)
    const said = inWords(rows.length, deviations, variant.explanation !== undefined)
    return { title, said, faults: [...(await checkExamples(open, model, variant)), ...faults] }
  } finally {
    open.close()
  }
}
