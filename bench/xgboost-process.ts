import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PYTHON } from '@presage/models/xgboost/run-python'

const SCRIPT = fileURLToPath(new URL('xgboost_rates.py', import.meta.url))

/** How XGBoost may be asked; the script says what each is. */
export const XGBOOST_SLICES = ['inplace', 'predictor', 'predict', 'contributions'] as const
export type XgboostSlice = (typeof XGBOOST_SLICES)[number]

/** Debian's python3-xgboost with a model and rows of its own. */
export interface XgboostProcess {
  version: string
  /** Rows per second of one slice, on one thread. */
  slice(what: XgboostSlice, batch: number): Promise<number>
  stop(): Promise<void>
}

/**
 * Starts it with a model's own file and rows; undefined where it is not installed.
 * @param rows float32, `width` a row.
 */
export async function startXgboost(
  model: Uint8Array,
  rows: Float32Array,
  width: number,
): Promise<XgboostProcess | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-xgboost-'))
  const [modelFile, rowsFile] = [join(dir, 'model.json'), join(dir, 'rows.f32')]
  await Promise.all([writeFile(modelFile, model), writeFile(rowsFile, rows)])
  const child = spawn(DEFAULT_PYTHON, [SCRIPT, modelFile, rowsFile, String(width)])
  let complaint = ''
  child.on('error', (error) => {
    complaint += error.message
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const stop = async () => {
    child.stdin.end()
    await rm(dir, { recursive: true })
  }
  const first = await lines.next()
  if (first.done) {
    await stop()
    if (/ENOENT|No module named 'xgboost'/.test(complaint)) return undefined
    throw new Error(complaint)
  }
  return {
    version: first.value,
    async slice(what, batch) {
      child.stdin.write(`${what} ${batch}\n`)
      const { done, value } = await lines.next()
      if (done) throw new Error(complaint)
      return Number(value)
    },
    stop,
  }
}
