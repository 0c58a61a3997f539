import { readGolden } from '@presage/models/card/golden'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { mixInputs } from '@presage/models/golden/mix-inputs'
import { seededRandom } from '@presage/models/random/random'
import type { OpenModel, PredictRow } from '@presage/worker/runtimes/open-model'
import type { Values } from '@presage/worker/runtimes/runtime'
import { bestOf, type Slice, sliceOf } from './rows-per-second.js'

/** Rows in a call: one, what gathers under light and under heavy load, and a bulk. */
export const BATCHES = [1, 32, 256, 1024] as const
export const MOST_ROWS = Math.max(...BATCHES)

/** Rows enough for every batch. */
export const benchRows = async (model: InstalledModel, variant: string): Promise<Values[]> =>
  mixInputs(model.card, variant, await readGolden(model), MOST_ROWS, seededRandom(1))

/** The part of `MOST_ROWS` that a call takes after those before it. */
export const firstOf = (turn: number, batch: number) => (turn * batch) % MOST_ROWS

/** Rows per second of a variant as it is sold; explained where it can say why. */
export interface TabularRates {
  batch: number
  predicted: number | undefined
  explained: number | undefined
}

/** All rows in batches, a batch a call, over and over. */
function sliceOfRows(open: OpenModel, variant: string, rows: readonly PredictRow[], batch: number) {
  const batches = Array.from({ length: rows.length / batch }, (_, place) =>
    rows.slice(place * batch, (place + 1) * batch),
  )
  return sliceOf(batch, (turn) => open.predict(variant, batches[turn % batches.length] ?? []))
}

/** What the inference thread does for each batch of jobs: derived columns, answer and its wording. */
export async function tabularRates(
  open: OpenModel,
  { name, explanation }: { name: string; explanation?: unknown },
  values: readonly Values[],
): Promise<TabularRates[]> {
  const rows = (explain: boolean) => values.map((each) => ({ values: each, explain }))
  const [plain, asked] = [rows(false), rows(true)]
  for (const outcome of await open.predict(name, plain))
    if ('failure' in outcome) throw new Error(`${name}: ${outcome.failure.message}`)
  const slices = new Map<string, Slice>()
  for (const batch of BATCHES) {
    slices.set(`predicted ${batch}`, sliceOfRows(open, name, plain, batch))
    if (explanation) slices.set(`explained ${batch}`, sliceOfRows(open, name, asked, batch))
  }
  const best = await bestOf(slices)
  return BATCHES.map((batch) => ({
    batch,
    predicted: best.get(`predicted ${batch}`),
    explained: best.get(`explained ${batch}`),
  }))
}
