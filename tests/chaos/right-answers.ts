import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { openModel } from '@presage/worker/runtimes/open-model'
import { type Blood, phenoAge } from './blood.js'

/** The answer to each input, computed here: PhenoAge by its formula, the network by itself, alone. */
export async function rightAnswers(bloods: readonly Blood[]): Promise<number[]> {
  const network = await networkAnswers(bloods.filter(({ variant }) => variant === 'NETWORK'))
  return bloods.map((blood) =>
    blood.variant === 'NETWORK' ? (network.shift() ?? Number.NaN) : phenoAge(blood),
  )
}

async function networkAnswers(bloods: readonly Blood[]): Promise<number[]> {
  const installed = (await loadCatalogue()).model('bio-age')
  if (!installed) throw new Error('bio-age is not installed')
  const model = await openModel(installed)
  const rows = bloods.map(({ values }) => ({ values: { ...values }, explain: false }))
  const outcomes = await model.predict('network', rows)
  model.close()
  return outcomes.map((outcome) =>
    'output' in outcome && outcome.output.kind === 'regression' ? outcome.output.value : Number.NaN,
  )
}
