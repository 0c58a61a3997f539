import type { Feature, FeatureValue } from '@presage/models/card/feature-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { type InputIssue, parseInput } from '@presage/models/card/parse-input'
import { z } from 'zod'
import type { OpenModel, PredictOutcome } from '../runtimes/open-model.js'

/** What to predict with. */
export interface PredictRun {
  model: InstalledModel
  open: OpenModel
  variant: string
  explain: boolean
}

/** So many lines are computed together; the next are read meanwhile. */
const BATCH = 256

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
    json = JSON.parse(line)
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

const write = (outcome: PredictOutcome) =>
  JSON.stringify(
    'failure' in outcome
      ? { error: outcome.failure }
      : { ...outcome.output, ...(outcome.explanation && { explanation: outcome.explanation }) },
  )

async function predictBatch(lines: readonly string[], run: PredictRun): Promise<string[]> {
  const parsed = lines.map((line) => read(line, run))
  const rows = parsed.flatMap((line) =>
    'values' in line ? [{ values: line.values, explain: run.explain }] : [],
  )
  const outcomes = (rows.length > 0 ? await run.open.predict(run.variant, rows) : []).values()
  return parsed.map((line) => {
    if ('fault' in line) return JSON.stringify({ error: line.fault })
    const { value } = outcomes.next()
    if (!value) throw new Error('the model answered fewer rows than it was given')
    return write(value)
  })
}

/** One answer for each line that is not blank, in order; a bad line is answered with its fault. */
export async function* predictLines(
  lines: AsyncIterable<string>,
  run: PredictRun,
): AsyncGenerator<string> {
  let waiting: string[] = []
  for await (const line of lines) {
    if (line.trim() === '') continue
    waiting.push(line)
    if (waiting.length < BATCH) continue
    yield* await predictBatch(waiting, run)
    waiting = []
  }
  yield* await predictBatch(waiting, run)
}
