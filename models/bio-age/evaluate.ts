import { join } from 'node:path'
import { MODELS_DIR } from '../card/load-catalogue.js'
import type { Measured } from '../card/stamp-card.js'
import type { AnswerRows, EvaluateModel } from '../evaluation/evaluation.js'
import { coverage, determination, type Guessed, meanAbsoluteError } from '../metrics/errors.js'
import { readNetwork } from '../network/network-files.js'
import { type Dataset, readDataset } from './dataset.js'
import { figure, measureNetwork } from './measure-network.js'
import { measureMortality } from './mortality/measure-mortality.js'
import { FOLDS, outOfFold } from './out-of-fold.js'

/** By the networks that had not seen those they answer. */
async function measureUnseen(dataset: Dataset): Promise<Measured> {
  const folds = join(MODELS_DIR, 'bio-age', 'folds')
  const networks = await Promise.all(FOLDS.map((fold) => readNetwork(folds, `fold${fold}`)))
  return measureNetwork(outOfFold(dataset, networks))
}

/** As it is sold, of everything that was measured of each person. */
async function measureSold({ people }: Dataset, answer: AnswerRows, variant: string) {
  const values = people.map((person) => person.values)
  const answers = await answer(variant, values)
  const guessed = people.map(({ age: truth }, index): Guessed => {
    const { value = Number.NaN, low, high } = answers[index] ?? {}
    return { guess: value, truth, low: low ?? undefined, high: high ?? undefined }
  })
  const rows = guessed.length
  const inside = coverage(guessed)
  return {
    metrics: [
      { name: 'mae', value: figure(meanAbsoluteError(guessed)), rows },
      { name: 'r2', value: figure(determination(guessed)), rows },
      ...(Number.isNaN(inside) ? [] : [{ name: 'coverage', value: figure(inside), rows }]),
    ],
  }
}

/**
 * How far both variants are from the age, and how the risk on request fares with those who were
 * followed. The formula was made by others from other people, so it has seen nobody.
 */
export const evaluateModel: EvaluateModel = async ({ card, data, answer }) => {
  const dataset = await readDataset(data)
  const unseen = dataset.sha256 === card.trainingData.sha256 ? 'out-of-fold' : 'shipped'
  // The worker's runtime starts TensorFlow.js, which the networks of the folds need as well.
  const phenoage = await measureSold(dataset, answer, 'phenoage')
  const network =
    unseen === 'out-of-fold'
      ? await measureUnseen(dataset)
      : await measureSold(dataset, answer, 'network')
  return { phenoage, network, ...(await measureMortality(data, answer, unseen)) }
}
