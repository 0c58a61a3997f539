import { readGolden } from '@presage/models/card/golden'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import { accept, pick } from '@presage/models/golden/invent'
import { seededRandom } from '@presage/models/random/random'
import type { OpenModel, PredictRow } from '@presage/worker/runtimes/open-model'
import type { Values } from '@presage/worker/runtimes/runtime'
import { bestOf, type Slice, sliceOf } from './rows-per-second.js'

/** Rows in a call: one, what gathers under light and under heavy load, and a bulk. */
export const BATCHES = [1, 32, 256, 1024] as const
export const MOST_ROWS = Math.max(...BATCHES)

/**
 * Rows that are all different: each feature as in one golden input of the variant or another, where
 * the card accepts that, else one of them whole.
 */
export async function benchRows(model: InstalledModel, variant: string): Promise<Values[]> {
  const golden = (await readGolden(model)).filter((row) => row.variant === variant)
  const random = seededRandom(1)
  return Array.from({ length: MOST_ROWS }, () => {
    const mixed = model.card.features.flatMap(({ name }) => {
      const sent = pick(golden, random).input[name]
      return sent === undefined ? [] : [[name, sent]]
    })
    const parsed = parseInput(model.card, variant, Object.fromEntries(mixed))
    return parsed.ok ? parsed.values : accept(model.card, variant, pick(golden, random).input)
  })
}

/** The part of `MOST_ROWS` that a call takes after those before it. */
export const firstOf = (turn: number, batch: number) => (turn * batch) % MOST_ROWS

/** Rows per second of a variant as it is sold; explained where it can say why. */
export interface TabularRates {
  batch: number
  perSecond: ReadonlyMap<'predicted' | 'explained', number>
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
  const rates: TabularRates[] = []
  for (const batch of BATCHES) {
    const slices = new Map<'predicted' | 'explained', Slice>()
    slices.set('predicted', sliceOfRows(open, name, plain, batch))
    if (explanation) slices.set('explained', sliceOfRows(open, name, asked, batch))
    rates.push({ batch, perSecond: await bestOf(slices) })
  }
  return rates
}
