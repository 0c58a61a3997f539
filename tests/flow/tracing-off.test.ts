import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repositoryRoot } from '@presage/deploy/repository'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openKit } from '../kit/kit.js'
import { bioAge, predict } from '../kit/operations.js'
import { OtlpReceiver } from '../kit/otlp-receiver.js'

vi.setConfig({ testTimeout: 120_000 })

const kit = await openKit()
const BUNDLE = join(repositoryRoot, 'server', 'dist')
const TELL_LOADED = fileURLToPath(new URL('../kit/tell-loaded.cjs', import.meta.url))

/** The packages of OpenTelemetry that a worker has loaded after a prediction. */
async function loadedWith(env: Record<string, string>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-loaded-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const LOADED_FILE = join(folder, 'loaded')
  const NODE_OPTIONS = `--require=${TELL_LOADED}`
  const stack = await kit.stack({ env: { ...env, LOADED_FILE, NODE_OPTIONS } })
  const api = stack.api(await kit.user({ balance: 5 }))
  const { prediction } = await predict(api, bioAge(), { waitMs: 30_000 })
  expect(prediction.status).toBe('SUCCEEDED')
  await stack.stop()
  const files = readFileSync(LOADED_FILE, 'utf8').split('\n')
  expect(files.filter((file) => file.includes('/pino/')).length).toBeGreaterThan(1)
  const names = files.flatMap(
    (file) => /@opentelemetry\/[\w-]+(?!.*@opentelemetry)/.exec(file) ?? [],
  )
  return [...new Set(names)].sort()
}

/** The packages of OpenTelemetry in a file of the server's bundle and in what it imports at once. */
function bundledWith(file: string): string[] {
  const text = readFileSync(join(BUNDLE, file), 'utf8')
  const imported = [...text.matchAll(/^(?:import|\} from) ?.*"\.{1,2}\/([^"]+\.js)";$/gm)]
  const own = [...text.matchAll(/^\/\/ .*(@opentelemetry\/[\w-]+)\//gm)]
  const chunks = imported.map(([, path = '']) => join('chunks', basename(path)))
  return [...new Set([...own.map(([, name = '']) => name), ...chunks.flatMap(bundledWith)])].sort()
}

it('the server’s program has nothing of it in it, but where traces are wished for', () => {
  expect(bundledWith('main.js')).toEqual([])
  const [tracing = ''] = readdirSync(join(BUNDLE, 'chunks')).filter((file) =>
    /^otlp-tracing.*\.js$/.test(file),
  )
  expect(bundledWith(join('chunks', tracing))).toContain('@opentelemetry/sdk-trace')
})

it('nothing of OpenTelemetry is loaded unless traces are wished for', async () => {
  expect(await loadedWith({})).toEqual([])
})

it('the library of the metrics loads the interface alone, behind which there is nothing', async () => {
  expect(await loadedWith({ METRICS_PORT: '0' })).toEqual(['@opentelemetry/api'])
})

it('with traces it is', async () => {
  const receiver = await OtlpReceiver.start()
  onTestFinished(() => receiver.close())
  const loaded = await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  expect(loaded).toContain('@opentelemetry/sdk-trace')
})

it('a job names no span then, but the caller’s own when there is one', async () => {
  const stack = await kit.stack({ workers: 0 })
  const hand = await stack.hand()
  const { accessToken } = await kit.user({ balance: 5 })
  const ask = async (headers: Record<string, string>) => {
    const query = `mutation ($input: PredictInput!, $run: RunInput!) {
      predict(input: $input, run: $run) { __typename }
    }`
    const variables = { input: bioAge(), run: { idempotencyKey: crypto.randomUUID() } }
    await fetch(`${stack.servers[0]?.url}/graphql`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    })
    return (await hand.take()).message.headers?.get('traceparent')
  }
  expect(await ask({})).toBe('')
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  expect(await ask({ traceparent })).toBe(traceparent)
  expect(await ask({ traceparent: 'nonsense' })).toBe('')
})
