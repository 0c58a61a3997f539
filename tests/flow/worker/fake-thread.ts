import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { LoadedModels } from '@presage/worker/consume/load-models'
import { RowCost } from '@presage/worker/consume/row-cost'
import { serveInference } from '@presage/worker/consume/serve-inference'
import type { OpenModel, PredictOutcome, PredictRow } from '@presage/worker/runtimes/open-model'
import { z } from 'zod'

/** Answers each row with the number of rows computed together with it. */
function answer(row: PredictRow, rows: number): PredictOutcome {
  if (row.values.do === 'fail') return { failure: { code: 'NO', message: 'This row cannot.' } }
  const title = row.values.do === 'swell' ? 'x'.repeat(600_000) : ''
  const measures = title ? [{ name: 'm', title, value: 1, unit: '' }] : []
  return {
    output: {
      kind: 'regression',
      value: rows,
      unit: '',
      low: null,
      high: null,
      level: null,
      measures,
    },
  }
}

/** Blocks the thread, as a long computation does. */
const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Tells with a file that the computation has begun, and blocks until another lets it end. */
function passGate(gate: string): void {
  writeFileSync(`${gate}.entered`, '')
  while (!existsSync(`${gate}.open`)) block(5)
}

/** A model that does what its rows say: crash, throw, fail, swell, block for `ms` or at a gate. */
const fake: OpenModel = {
  async predict(_variant, rows) {
    for (const { values } of rows) {
      if (values.do === 'crash') process.exit(7)
      if (values.do === 'throw') throw new Error('the runtime broke')
      if (typeof values.ms === 'number') block(values.ms)
      if (typeof values.gate === 'string') passGate(values.gate)
    }
    return rows.map((row) => answer(row, rows.length))
  },
  counterfactual: async () => null,
  close() {},
}

/** Cannot open its models while there is a file `down`, to which it adds a dot for each attempt. */
function openUnlessDown(modelsDir: string | undefined): void {
  const down = `${modelsDir}/down`
  if (!existsSync(down)) return
  appendFileSync(down, '.')
  throw new Error('the models cannot be opened')
}

const variants = () => new Map([new RowCost(), new RowCost()].map((cost, i) => [`v${i + 1}`, cost]))

if (!parentPort) throw new Error('this file runs as a worker thread')
openUnlessDown(z.object({ modelsDir: z.string().optional() }).parse(workerData).modelsDir)
await serveInference(
  parentPort,
  async (): Promise<LoadedModels> => ({
    ready: [
      { model: 'fake', version: '1.0.0', open: fake, costs: variants(), uploads: [], plain: [] },
      { model: 'other', version: '2.1.0', open: fake, costs: variants(), uploads: [], plain: [] },
    ],
    refused: [{ model: 'broken', version: '1.0.0', reason: 'ArtifactError: altered' }],
  }),
)
