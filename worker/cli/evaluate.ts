import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ModelCard } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { type Measured, stampCard } from '@presage/models/card/stamp-card'
import type { Metric } from '@presage/models/card/variant-schema'
import type { EvaluateModel, Evaluation } from '@presage/models/evaluation/evaluation'
import { DEFAULT_DATA } from '@presage/models/table/read-table'
import { z } from 'zod'
import { answerRowsOf } from './answer-rows.js'
import { CommandError, installedModel, runCommand } from './installed.js'

const evaluateSchema = z.looseObject({
  evaluateModel: z.custom<EvaluateModel>((value) => typeof value === 'function'),
})

async function evaluationOf({ card }: InstalledModel): Promise<EvaluateModel> {
  const imported: unknown = await import(`@presage/models/${card.name}/evaluate`).catch(
    () => undefined,
  )
  const parsed = evaluateSchema.safeParse(imported)
  if (parsed.success) return parsed.data.evaluateModel
  throw new CommandError(`${card.name} has no models/${card.name}/evaluate.ts to be measured by.`)
}

const inWords = ({ name, value, low, high, rows }: Metric) =>
  `  ${name} ${value}${low === undefined ? '' : ` (${low} to ${high})`}, ${rows} rows`

/** The figures by their names, and how many rows they are of. */
const figures = ({ metrics = [] }: Measured) => ({
  ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  rows: metrics[0]?.rows ?? 0,
})

function report({ variants: sold }: ModelCard, evaluation: Evaluation) {
  const entries = Object.entries(evaluation)
  for (const [name, { metrics = [] }] of entries)
    process.stdout.write(`${[name, ...metrics.map(inWords)].join('\n')}\n`)
  const isVariant = ([name]: [string, Measured]) => sold.some((each) => each.name === name)
  const last = (of: [string, Measured][]) =>
    Object.fromEntries(of.map(([name, measured]) => [name, figures(measured)]))
  const variants = entries.filter(isVariant)
  const onRequest = entries.filter((each) => !isVariant(each))
  const extra = onRequest.length === 0 ? {} : { measures: last(onRequest) }
  process.stdout.write(`${JSON.stringify({ variants: last(variants), ...extra })}\n`)
}

/**
 * Measures a model: `<name> [--data FILE_OR_DIR] [--stamp]`. On the rows it was made from, out of
 * fold. The last line is one JSON object; `--stamp` writes the figures and hashes into the card.
 */
await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: DEFAULT_DATA },
      stamp: { type: 'boolean', default: false },
    },
  })
  const model = await installedModel(positionals[0])
  const evaluateModel = await evaluationOf(model)
  const { card, dir } = model
  const evaluation = await evaluateModel({ card, data: values.data, answer: answerRowsOf(model) })
  if (values.stamp)
    for (const [variant, measured] of Object.entries(evaluation))
      await stampCard(join(dir, 'model.yaml'), variant, measured)
  report(card, evaluation)
})
