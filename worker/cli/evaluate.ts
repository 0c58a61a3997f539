import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ModelCard } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { type Measured, stampCard } from '@presage/models/card/stamp-card'
import type { Metric } from '@presage/models/card/variant-schema'
import type { EvaluateModel, Evaluation } from '@presage/models/evaluation/evaluation'
import { DEFAULT_DATA } from '@presage/models/table/read-table'
import { z } from 'zod'
import { answerRowsOf } from './answer-rows.js'
import { evaluatePictures } from './evaluate-pictures.js'
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

const inWords = ({ name, value, low, high, rows }: Metric, counted: string) =>
  `  ${name} ${value}${low === undefined ? '' : ` (${low} to ${high})`}, ${rows} ${counted}`

/** The figures by their names, and how many rows or images they are of. */
const figures = ({ metrics = [] }: Measured, counted: 'rows' | 'images') => ({
  ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  [counted]: metrics[0]?.rows ?? 0,
})

function report({ variants: sold, task }: ModelCard, evaluation: Evaluation) {
  const counted = task === 'image' ? 'images' : 'rows'
  const entries = Object.entries(evaluation)
  for (const [name, { metrics = [] }] of entries) {
    const lines = metrics.map((metric) => inWords(metric, counted))
    process.stdout.write(`${[name, ...lines].join('\n')}\n`)
  }
  const isVariant = ([name]: [string, Measured]) => sold.some((each) => each.name === name)
  const last = (of: [string, Measured][]) =>
    Object.fromEntries(of.map(([name, measured]) => [name, figures(measured, counted)]))
  const variants = entries.filter(isVariant)
  const onRequest = entries.filter((each) => !isVariant(each))
  const extra = onRequest.length === 0 ? {} : { measures: last(onRequest) }
  process.stdout.write(`${JSON.stringify({ variants: last(variants), ...extra })}\n`)
}

async function evaluate(model: InstalledModel, data: string): Promise<Evaluation> {
  const { card } = model
  if (card.task === 'image')
    return evaluatePictures(model, data, (photo, iou) => {
      process.stdout.write(`  ${basename(photo)} ${iou.toFixed(4)}\n`)
    })
  const evaluateModel = await evaluationOf(model)
  return evaluateModel({ card, data, answer: answerRowsOf(model) })
}

/**
 * Measures a model: `<name> [--data FILE_OR_DIR] [--stamp]`. On the rows it was made from, out of
 * fold; one that draws, on a folder of photos with masks. The last line is one JSON object; `--stamp` writes the figures and hashes into the card.
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
  const evaluation = await evaluate(model, values.data)
  const { card, dir } = model
  if (values.stamp)
    for (const [variant, measured] of Object.entries(evaluation))
      await stampCard(join(dir, 'model.yaml'), variant, measured)
  report(card, evaluation)
})
