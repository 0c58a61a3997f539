import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fitLogistic } from '../../calibration/fit-logistic.js'
import { MODELS_DIR } from '../../card/load-catalogue.js'
import { stampCard } from '../../card/stamp-card.js'
import { DEFAULT_DATA } from '../../table/read-table.js'
import { FOLDS } from '../out-of-fold.js'
import { type Followed, readFollowed } from './followed.js'
import { TERMS, termInput } from './terms.js'

/** The artifact of a linear runtime whose value is the log-odds of dying within ten years. */
export function fitMortality(people: readonly Followed[]) {
  const { intercept, coefficients } = fitLogistic(
    people.map(({ values, truth }) => ({
      inputs: TERMS.map((term) => termInput(term, values)),
      truth,
    })),
  )
  return {
    intercept,
    terms: TERMS.map((term, index) => ({
      ...term,
      coefficient: Number(coefficients[index]),
      // Nobody explains it; a reference is the formula's where there is one.
      reference: 1,
    })),
    output: { offset: 0, slope: 1 },
  }
}

/** Fits the risk on all who were followed, and without each fold; there is nothing random in it. */
async function main() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: DEFAULT_DATA },
      out: { type: 'string', default: join(MODELS_DIR, 'bio-age') },
    },
  })
  const { people } = await readFollowed(values.data)
  const write = (file: string, of: readonly Followed[]) =>
    writeFile(join(values.out, file), `${JSON.stringify(fitMortality(of), null, 1)}\n`)
  for (const fold of FOLDS)
    await write(
      `folds/mortality-${fold}.json`,
      people.filter((person) => person.fold !== fold),
    )
  await write('mortality.json', people)
  await stampCard(join(values.out, 'model.yaml'), 'tenYearMortality')
}

if (process.argv[1] === import.meta.filename) await main()
