import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ModelCard } from '../card/card-schema.js'
import type { Feature, FeatureValue } from '../card/feature-schema.js'
import { loadCard } from '../card/load-card.js'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { derive } from '../derive/derive.js'
import { encodedWidth, encodeRow } from '../encoding/encoding.js'
import { accept, inventInput, ndjson, pick } from '../golden/invent.js'
import { goldenRow, probabilityOf, referTrees } from '../golden/tree-golden.js'
import { networkArtifactSchema } from '../network/network-artifact.js'
import { type Random, seededRandom } from '../random/random.js'
import { DEFAULT_PYTHON } from '../xgboost/run-python.js'

const DIR = join(MODELS_DIR, 'depression-risk')
const ROWS = 24

/** Few people move or sit for the most that is accepted. */
const MOST: Readonly<Record<string, number>> = {
  vigorousMinutes: 900,
  sedentaryMinutes: 900,
  bmi: 50,
}

/** An invented answer, one of four that may be left out left out. */
function invent({ name, type, required, choices, min = 0, max = 0 }: Feature, random: Random) {
  if (!required && random() < 0.25) return undefined
  if (choices) return pick(choices, random)
  const value = min + ((MOST[name] ?? max) - min) * random()
  return type === 'int' ? Math.round(value) : Number(value.toPrecision(3))
}

/** The line's log-odds in double precision, from the weights as they are stored. */
async function lineOf(card: ModelCard) {
  const artifact: unknown = JSON.parse(await readFile(join(DIR, 'linear.json'), 'utf8'))
  const { encoding, output } = networkArtifactSchema.parse(artifact)
  const bytes = new Uint8Array(await readFile(join(DIR, 'linear-weights.bin')))
  const weights = new Float32Array(bytes.buffer)
  const width = encodedWidth(encoding)
  return (values: Record<string, FeatureValue>) => {
    const row = new Float64Array(width)
    encodeRow(encoding, derive(card.derived, values), row)
    const sum = row.reduce((all, value, index) => all + value * Number(weights[index]), 0)
    return output.mean + output.scale * (sum + Number(weights[width]))
  }
}

const { values } = parseArgs({ options: { python: { type: 'string', default: DEFAULT_PYTHON } } })
const card = await loadCard(join(DIR, 'model.yaml'))
const random = seededRandom(7)
const inputs = Array.from({ length: ROWS }, () =>
  inventInput(card, random, (feature) => invent(feature, random)),
)
const reference = { card, dir: DIR, ...values }
const [boosted, forest] = [
  await referTrees(reference, 'boosted', inputs),
  await referTrees(reference, 'forest', inputs),
]
const line = await lineOf(card)
const linear = inputs.map((input) => line(accept(card, 'linear', input)))
const compared = inputs.map((input, index) => {
  const logOdds = [linear[index], forest[index]?.logOdds, boosted[index]?.logOdds].map(Number)
  const [byLine = 0, byForest = 0, byBoosted = 0] = logOdds.map(probabilityOf)
  const all = [byLine, byForest, byBoosted]
  const measures = { linear: byLine, forest: byForest, boosted: byBoosted }
  const disagreement = Math.max(...all) - Math.min(...all)
  const mean = logOdds.reduce((sum, each) => sum + each, 0) / logOdds.length
  return goldenRow('compare', input, mean, { ...measures, disagreement })
})
await writeFile(
  join(DIR, card.golden),
  ndjson([
    ...inputs.map((input, index) => goldenRow('linear', input, Number(linear[index]))),
    ...forest.map(({ input, logOdds }) => goldenRow('forest', input, logOdds)),
    ...boosted.map(({ input, logOdds }) => goldenRow('boosted', input, logOdds)),
    ...compared,
  ]),
)
const contributions = [...forest, ...boosted].map(({ logOdds: _, ...row }) => row)
await writeFile(join(DIR, 'contributions.ndjson'), ndjson(contributions))
