import type { Network } from '../network/network-files.js'
import { predictRows } from '../network/predict-rows.js'
import { seededRandom } from '../random/random.js'
import type { Dataset, Person } from './dataset.js'
import { INPUT_SETS, type Kept, masked, randomKept } from './masking.js'

/** What a network that had not seen a person answered from some of the person's values. */
export interface Unseen {
  person: Person
  /** The person's features as sent. */
  values: Person['values']
  prediction: number
}

/** Folds are 0 to 4. */
export const FOLDS = [0, 1, 2, 3, 4] as const

/** Answers of each fold's network about the people of that fold, who send what is kept. */
export function answerUnseen(
  { people }: Dataset,
  networks: readonly Network[],
  kept: () => Kept,
): Unseen[] {
  const sent = people.map((person) => ({ person, values: masked(person.values, kept()) }))
  return FOLDS.flatMap((fold) => {
    const network = networks[fold]
    if (!network) throw new Error(`there is no network of fold ${fold}`)
    const own = sent.filter(({ person }) => person.fold === fold)
    const { model, artifact } = network
    const values = own.map((row) => row.values)
    const ages = predictRows(model, artifact.encoding, artifact.output, values)
    return own.map((row, index) => ({ ...row, prediction: Number(ages[index]) }))
  })
}

/** Out-of-fold answers for each input set of the card, and for random subsets of the values. */
export interface OutOfFold {
  sets: Readonly<Record<string, readonly Unseen[]>>
  random: readonly Unseen[]
}

/** Everybody, once for each input set and twice with a random subset of it. */
export function outOfFold(dataset: Dataset, networks: readonly Network[]): OutOfFold {
  const sets = Object.fromEntries(
    Object.entries(INPUT_SETS).map(([name, kept]) => [
      name,
      answerUnseen(dataset, networks, () => kept),
    ]),
  )
  const random = [11, 12].flatMap((seed) => {
    const draw = seededRandom(seed)
    return answerUnseen(dataset, networks, () => randomKept(draw))
  })
  return { sets, random }
}

/** Whether every value of the set was measured. */
export const isComplete = (values: Person['values'], kept: Kept) =>
  [...kept].every((feature) => values[feature] !== undefined)
