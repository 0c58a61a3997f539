import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { packageFolder } from './migration-folder.js'

/** The schema engine refused, or failed in the midst of, a request. */
export class SchemaEngineError extends Error {
  override name = 'SchemaEngineError'
  constructor(
    /** Prisma's own code, such as P3018 for a script that failed. */
    readonly code: string | undefined,
    message: string,
  ) {
    super(code ? `${code}: ${message}` : message)
  }
}

interface Reply<Result> {
  readonly id?: number
  readonly result?: Result
  readonly error?: { message: string; data?: { message?: string; error_code?: string | null } }
}

/**
 * Asks the schema engine one thing, in a process of its own: its memory is given back, and the
 * URL with its password stays out of the process list.
 * @throws {SchemaEngineError}
 */
export async function runEngine<Result>(
  databaseUrl: string,
  method: string,
  params: unknown,
): Promise<Result> {
  const engine = spawn(process.execPath, [join(packageFolder, 'engine', 'schema-engine.mjs')], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  engine.stdin.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`)
  const [output, complaints] = await Promise.all([text(engine.stdout), text(engine.stderr)])
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const reply = lines.map((line): Reply<Result> => JSON.parse(line)).find(({ id }) => id === 1)
  if (reply?.result !== undefined) return reply.result
  const { data, message } = reply?.error ?? { message: `The engine does not run. ${complaints}` }
  throw new SchemaEngineError(data?.error_code ?? undefined, data?.message ?? message)
}
