import type { Feature, FeatureValue } from '@presage/models/card/feature-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { type InputIssue, parseInput } from '@presage/models/card/parse-input'
import { z } from 'zod'
import type { OpenModel, PredictOutcome } from '../runtimes/open-model.js'
import type { DeliverPicture } from './deliver-picture.js'
import { readUploads } from './read-uploads.js'

/** What to predict with. */
export interface PredictRun {
  model: InstalledModel
  open: OpenModel
  variant: string
  explain: boolean
  deliver: DeliverPicture
}

/** So many lines are computed together; the next are read meanwhile. */
const BATCH = 256

/** A photo may be of 25 MB, and its cut-out of more: one at a time. */
const batchOf = ({ card }: InstalledModel) => (card.task === 'image' ? 1 : BATCH)

interface LineFault {
  code: string
  message: string
  issues?: readonly InputIssue[]
}
type Line = { values: Record<string, FeatureValue> } | { fault: LineFault }

const inputSchema = z.record(z.string(), z.unknown())

/** A bare number is in the first unit, and a choice may be written as the API writes it. */
function lenient(feature: Feature | undefined, sent: unknown): unknown {
  if (feature?.units && typeof sent === 'number') return { value: sent }
  return feature?.choices && typeof sent === 'string' ? sent.toLowerCase() : sent
}

function read(line: string, { model: { card }, variant }: PredictRun): Line {
  let json: unknown
  try {
    // Some shells begin what they pipe with a byte order mark.
    json = JSON.parse(line.replace(/^\uFEFF/, ''))
  } catch {
    return { fault: { code: 'BAD_JSON', message: 'The line is not JSON.' } }
  }
  const sent = inputSchema.safeParse(json)
  if (!sent.success)
    return { fault: { code: 'BAD_JSON', message: 'The line is not a JSON object of features.' } }
  const input = Object.entries(sent.data).map(([name, value]) => [
    name,
    lenient(
      card.features.find((feature) => feature.name === name),
      value,
    ),
  ])
  const parsed = parseInput(card, variant, Object.fromEntries(input))
  if (parsed.ok) return { values: parsed.values }
  const { issues } = parsed
  const message = issues.map((issue) => issue.message).join(' ')
  return { fault: { code: 'INVALID_INPUT', message, issues } }
}

async function write(outcome: PredictOutcome, { deliver }: PredictRun): Promise<string> {
  if ('failure' in outcome) return JSON.stringify({ error: outcome.failure })
  const { output, explanation, file } = outcome
  const picture = file && (await deliver(file))
  return JSON.stringify({ ...output, ...picture, ...(explanation && { explanation }) })
}

async function predictBatch(lines: readonly string[], run: PredictRun): Promise<string[]> {
  const parsed = lines.map((line) => read(line, run))
  const rows = parsed.flatMap((line) =>
    'values' in line ? [{ values: line.values, explain: run.explain }] : [],
  )
  const uploads = await readUploads(run.model.card, rows)
  const { open, variant } = run
  const outcomes = (rows.length > 0 ? await open.predict(variant, rows, uploads) : []).values()
  const answers = parsed.map((line) => {
    if ('fault' in line) return JSON.stringify({ error: line.fault })
    const { value } = outcomes.next()
    if (!value) throw new Error('the model answered fewer rows than it was given')
    return write(value, run)
  })
  return Promise.all(answers)
}

/** One answer for each line that is not blank, in order; a bad line is answered with its fault. */
export async function* predictLines(
  lines: AsyncIterable<string>,
  run: PredictRun,
): AsyncGenerator<string> {
  const batch = batchOf(run.model)
  let waiting: string[] = []
  for await (const line of lines) {
    if (line.trim() === '') continue
    waiting.push(line)
    if (waiting.length < batch) continue
    yield* await predictBatch(waiting, run)
    waiting = []
  }
  yield* await predictBatch(waiting, run)
}
