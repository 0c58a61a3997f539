import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadCard } from '../card/load-card.js'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { inventInput, ndjson } from '../golden/invent.js'
import { goldenRow, probabilityOf, referTrees } from '../golden/tree-golden.js'
import { seededRandom } from '../random/random.js'
import { DEFAULT_PYTHON } from '../xgboost/run-python.js'
import { inventAccount } from './invent-account.js'

const DIR = join(MODELS_DIR, 'credit-default')
const ROWS = 36

const { values } = parseArgs({ options: { python: { type: 'string', default: DEFAULT_PYTHON } } })
const card = await loadCard(join(DIR, 'model.yaml'))
const random = seededRandom(7)
const inputs = Array.from({ length: ROWS }, () => {
  const account = inventAccount(random)
  return inventInput(card, random, ({ name }) => account[name])
})
const referred = await referTrees({ card, dir: DIR, ...values }, 'boosted', inputs)
const golden = referred.map(({ variant, input, logOdds }) => {
  const rating = Math.round(100 * (1 - probabilityOf(logOdds))) / 100
  return goldenRow(variant, input, logOdds, { rating })
})
await writeFile(join(DIR, card.golden), ndjson(golden))
const contributions = referred.map(({ logOdds: _, ...row }) => row)
await writeFile(join(DIR, 'contributions.ndjson'), ndjson(contributions))
