import { writeFile } from 'node:fs/promises'
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
    const values = await benchRows(model, variant.name)
    figures.tabular.push({ ...of, rates: await tabularRates(open, variant, values) })
    if (variant.runtime === 'trees')
      figures.trees.push({ ...of, ...(await treeRates(model, variant, values)) })
  }
  open.close()
}

for (const model of (await loadCatalogue()).models) await measure(model)
process.stdout.write('memory …\n')
for await (const reading of workerMemory(PREDICTIONS)) figures.memory.push(reading)
const report = modelsReport(figures)
process.stdout.write(`\n${report}`)
if (process.argv.includes('--write')) await writeFile(REPORT, report)
