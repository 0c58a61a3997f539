import { join } from 'node:path'
import type { Explanation, Output } from '@presage/messages/output'
import type { Variant } from '@presage/models/card/card-schema'
import type { SoundRow } from '@presage/models/card/check-model'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { maskIou } from '../portrait/mask-iou.js'
import { exampleRows, exampleUploads } from '../runtimes/example-rows.js'
import { type OpenModel, openModel, type PredictOutcome } from '../runtimes/open-model.js'
import { readUploads } from './read-uploads.js'
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
function scaleOf(output: Output): number {
  if (output.kind === 'regression') return output.value
  if (output.kind === 'image') return Number.NaN
  return Math.log(output.probability / (1 - output.probability))
}

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

/** Compares what a row answers: figures as they are, a picture by the overlap of its alpha. */
async function compareOutput(
  place: string,
  { output: expected, tolerance }: SoundRow,
  { output, file }: Extract<PredictOutcome, { output: Output }>,
  dir: string,
): Promise<Compared[]> {
  const { mask, ...figures } = { mask: undefined, ...expected }
  const compared = Object.entries(figures).map(([name, figure]) =>
    compare(`${place}output.${name}`, tolerance, figure, Reflect.get(output, name)),
  )
  if (mask === undefined) return compared
  const overlap = await maskIou(file, join(dir, mask))
  return [...compared, compare(`${place}output.mask`, tolerance, 1, overlap)]
}

/** What is said of a picture may be off by as large a part as the picture itself. */
const allowed = ({ output, tolerance }: SoundRow, expected: number | undefined) =>
  'mask' in output ? tolerance * Math.max(1, Math.abs(expected ?? 0)) : tolerance

/** Compares one golden row with its answer, figure by figure. */
async function judge(
  place: string,
  row: SoundRow,
  outcome: PredictOutcome | undefined,
  dir: string,
): Promise<Compared> {
  if (!outcome || 'failure' in outcome)
    return { deviations: [], faults: [`${place}it fails: ${outcome?.failure.message}`] }
  const { output, explanation } = outcome
  const measured = new Map(output.measures.map(({ name, value }) => [name, value]))
  const names = new Set([...measured.keys(), ...Object.keys(row.measures)])
  const figures = [
    ...(await compareOutput(place, row, outcome, dir)),
    ...[...names].map((name) => {
      const expected = row.measures[name]
      return compare(
        `${place}measures.${name}`,
        allowed(row, expected),
        expected,
        measured.get(name),
      )
    }),
  ]
  const sum = explanation ? checkSum(place, output, explanation) : []
  return {
    deviations: figures.flatMap(({ deviations }) => deviations),
    faults: [...figures.flatMap(({ faults }) => faults), ...sum],
  }
}

async function checkExamples(open: OpenModel, { card, dir }: InstalledModel, variant: Variant) {
  const rows = exampleRows(card, variant)
  const outcomes = await open.predict(variant.name, rows, await exampleUploads({ card, dir }))
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
  { card, dir }: InstalledModel,
  variant: Variant,
  rows: readonly SoundRow[],
) {
  const outcomes = await open.predict(
    variant.name,
    rows.map(({ values }) => ({ values, explain: true })),
    await readUploads(card, rows, dir),
  )
  return Promise.all(
    rows.map((row, index) =>
      judge(`${card.golden}, line ${row.line}, `, row, outcomes[index], dir),
    ),
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
