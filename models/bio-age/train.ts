import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { stampCard } from '../card/stamp-card.js'
import { type Network, readNetwork, writeNetwork } from '../network/network-files.js'
import { startWasm } from '../network/start-wasm.js'
import { DEFAULT_DATA } from '../table/read-table.js'
import { calibrate } from './calibrate.js'
import { type Person, readDataset } from './dataset.js'
import { fitEncoding } from './fit-encoding.js'
import { measureNetwork } from './measure-network.js'
import { FOLDS, outOfFold } from './out-of-fold.js'
import { AGE_SCALE, type Training, trainNetwork } from './train-network.js'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: DEFAULT_DATA },
    out: { type: 'string', default: join(MODELS_DIR, 'bio-age') },
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '50' },
    /** Keeps the trained networks; measures and calibrates them again. */
    keep: { type: 'boolean', default: false },
  },
})
const TRAINING: Training = {
  seed: Number(options.seed),
  epochs: Number(options.epochs),
  batch: 256,
  rate: 0.002,
  hidden: [128, 64, 32],
}
const log = (line: string) => process.stdout.write(`${line}\n`)

/** Trains on some people, and writes the network's files before it is used any further. */
async function train(people: readonly Person[], dir: string, name: string): Promise<Network> {
  if (options.keep) return readNetwork(dir, name)
  log(`${name}: ${people.length} people`)
  const encoding = fitEncoding(people)
  const model = trainNetwork(people, encoding, TRAINING, log)
  await writeNetwork(dir, name, model, { encoding, output: AGE_SCALE })
  model.dispose()
  return readNetwork(dir, name)
}

await startWasm()
const dataset = await readDataset(options.data)
const networks: Network[] = []
for (const fold of FOLDS) {
  const others = dataset.people.filter((person) => person.fold !== fold)
  networks.push(await train(others, join(options.out, 'folds'), `fold${fold}`))
}
const answers = outOfFold(dataset, networks)
const measured = measureNetwork(answers)
log(JSON.stringify(measured, null, 2))
const { model, artifact } = await train(dataset.people, options.out, 'network')
const calibration = calibrate(answers, () => true)
await writeNetwork(options.out, 'network', model, { ...artifact, calibration })
await stampCard(join(options.out, 'model.yaml'), 'network', measured)
