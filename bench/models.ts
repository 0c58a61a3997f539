import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import { openModel } from '@presage/worker/runtimes/open-model'
import { imageRates } from './image-rates.js'
import { type ModelFigures, modelsReport } from './models-report.js'
import { benchRows, tabularRates } from './tabular-rates.js'
import { treeRates } from './tree-rates.js'
import { workerMemory } from './worker-memory.js'

const REPORT = new URL('../docs/benchmarks-models.md', import.meta.url)

/** Of each kind. */
const PREDICTIONS = 10_000

/** A small picture takes about 50 ms; all 10,000 are asked for by `--pictures 10000`. */
const PICTURES = 500

const { values } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, pictures: { type: 'string' } },
})
const pictures = Number(values.pictures ?? PICTURES)

const figures: ModelFigures = { tabular: [], trees: [], images: [], memory: [] }

async function measure(model: InstalledModel): Promise<void> {
  const { card } = model
  const open = await openModel(model)
  for (const variant of card.variants) {
    const of = { name: `${card.name} ${variant.name}`, runtime: variant.runtime }
    process.stdout.write(`${of.name} …\n`)
    if (card.task === 'image') {
      figures.images.push({ ...of, rates: await imageRates(open, card, variant.name) })
      continue
    }
    const rows = await benchRows(model, variant.name)
    figures.tabular.push({ ...of, rates: await tabularRates(open, variant, rows) })
    if (variant.runtime === 'trees')
      figures.trees.push({ ...of, ...(await treeRates(model, variant, rows)) })
  }
  open.close()
}

for (const model of (await loadCatalogue()).models) await measure(model)
process.stdout.write('memory …\n')
for await (const reading of workerMemory(PREDICTIONS, pictures)) figures.memory.push(reading)
const report = modelsReport(figures)
process.stdout.write(`\n${report}`)
if (values.write) await writeFile(REPORT, report)
