import { checkModel } from './check-model.js'
import { CardError, loadCatalogue, MODELS_DIR } from './load-catalogue.js'

/** Checks every model of a folder (default: the shipped ones) and prints what is wrong. */
async function main(dir: string): Promise<number> {
  const { models } = await loadCatalogue(dir)
  const checked = await Promise.all(
    models.map(async (model) => ({ model, problems: await checkModel(model) })),
  )
  for (const { model, problems } of checked) {
    const { name, version, variants } = model.card
    const verdict = problems.length === 0 ? `ok, ${variants.length} variants` : 'cannot be used'
    console.log([`${name} ${version}: ${verdict}`, ...problems].join('\n  - '))
  }
  return checked.some(({ problems }) => problems.length > 0) ? 1 : 0
}

try {
  process.exitCode = await main(process.argv[2] ?? MODELS_DIR)
} catch (error) {
  if (!(error instanceof CardError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
