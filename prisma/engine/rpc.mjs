import { createInterface } from 'node:readline'

/** Ids of our own requests, away from the CLI's, which counts from 1. */
const FIRST_OWN_ID = 1_000_000

/** JSON-RPC's code of the schema engine for "see data". */
const ENGINE_ERROR = 4466
const METHOD_NOT_FOUND = -32601

const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

const replyTo = (id, error) => {
  const { message, code, meta } = error ?? {}
  // Never as a panic, for which the CLI offers to send a report.
  const data = { is_panic: false, message, meta: meta ?? null, error_code: code ?? null }
  return { id, error: { code: ENGINE_ERROR, message: 'The schema engine reports an error.', data } }
}

/** A trap of WebAssembly says "unreachable"; what happened stands in the registry of panics. */
const explained = (error) =>
  error instanceof WebAssembly.RuntimeError
    ? new Error(`The schema engine crashed: ${globalThis.PRISMA_WASM_PANIC_REGISTRY.message}`)
    : error

/**
 * Answers JSON-RPC requests, one in each line of stdin, until stdin ends and all are answered.
 * @param {(print: (content: string) => void) => (name: string) => ((params: any) => Promise<unknown>) | undefined} createMethods
 */
export async function serveRequests(createMethods) {
  let ownId = FIRST_OWN_ID
  let current
  const print = (content) => send({ id: ownId++, method: 'print', params: { content } })
  const methods = createMethods(print)
  // The engine panics outside of the promise that it gave us, which then never settles.
  process.once('uncaughtException', (error) => {
    send(replyTo(current, explained(error)))
    process.exit(1)
  })
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!line.trim()) continue
    const { id, method, params } = JSON.parse(line)
    // A line without a method is the CLI's reply to our print.
    if (!method) continue
    current = id
    send(await answer(id, methods(method), params))
  }
}

async function answer(id, run, params) {
  if (!run) return { id, error: { code: METHOD_NOT_FOUND, message: 'The method is unknown.' } }
  try {
    return { id, result: (await run(params)) ?? null }
  } catch (error) {
    return replyTo(id, explained(error))
  }
}
