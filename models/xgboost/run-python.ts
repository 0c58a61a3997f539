import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Debian's own, which has its XGBoost; another first on the PATH may not. */
export const DEFAULT_PYTHON = '/usr/bin/python3'

/** A Python that is not there, or a script of it that failed; says what it printed. */
export class PythonError extends Error {
  override readonly name = 'PythonError'
}

/** Runs a script beside this file with one JSON file as its argument. */
export function runPython(python: string, script: string, plan: string): Promise<void> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(python, [file, plan], { stdio: ['ignore', 'inherit', 'pipe'] })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint = (complaint + text).slice(-2_000)
    })
    child.on('error', (error) => reject(new PythonError(`${python}: ${error.message}`)))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new PythonError(`${script} ended with ${code}: ${complaint}`))
    })
  })
}

/** Runs `work` in a folder that is gone afterwards: rows of the data stay nowhere. */
export async function inTemporaryFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-train-'))
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}

/** Writes a table of numbers as CSV; NaN becomes an empty cell. */
export async function writeMatrix(
  file: string,
  columns: readonly string[],
  rows: readonly (readonly number[])[],
): Promise<void> {
  const cells = (row: readonly number[]) =>
    row.map((value) => (Number.isNaN(value) ? '' : String(value))).join(',')
  await writeFile(file, `${[columns.join(','), ...rows.map(cells)].join('\n')}\n`)
}
