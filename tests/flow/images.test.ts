import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Nats, startNats } from '@presage/deploy/embedded/nats'
import { freePort } from '@presage/deploy/process/free-port'
import { type Service, startUntilReady, stopService } from '@presage/deploy/process/service'
import { repositoryRoot } from '@presage/deploy/repository'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { Api } from '../kit/api.js'
import { openKit, TOKEN_KEYS } from '../kit/kit.js'
import { bioAge, predict } from '../kit/operations.js'
import { OtlpReceiver } from '../kit/otlp-receiver.js'

const kit = await openKit()

const dockerfile = readFileSync(join(repositoryRoot, 'Dockerfile'), 'utf8')

/** The least that any process may, where we may become it. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

let folder = ''
let nats: Nats
const services: Service[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'presage-images-'))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'nats'))
  nats = await startNats({ dataDir: join(folder, 'nats') })
})
afterAll(async () => {
  await Promise.all(services.map((service) => stopService(service, [['SIGTERM', 20_000]])))
  await nats?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Gathers what an image holds by the very command of the Dockerfile. */
function gather(image: string): string {
  const [command = ''] = new RegExp(`npx .* deploy --prod /images/${image}`).exec(dockerfile) ?? []
  const [program = '', ...args] = command.split(' ')
  const target = join(folder, image)
  execFileSync(program, [...args.slice(0, -1), target], { cwd: repositoryRoot, stdio: 'pipe' })
  return target
}

/** Runs an image's own command as nobody, with no environment but this. */
async function run(image: string, env: Record<string, string>, isReady: Ready): Promise<void> {
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? []
  const [, ...args]: string[] = JSON.parse(command)
  const absolute = args.map((arg) => (arg.startsWith('-') ? arg : join(gather(image), arg)))
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const service = await startUntilReady(
    {
      name: image,
      command: ['/usr/bin/env', '-i', ...variables, process.execPath, ...absolute],
      logFile: join(folder, `${image}.log`),
      recordFile: join(folder, `${image}.process`),
      ...nobody,
    },
    isReady,
    60_000,
  )
  services.push(service)
}

type Ready = Parameters<typeof startUntilReady>[1]

it('holds all that a server and a worker need, and they need to write nothing', {
  timeout: 180_000,
}, async () => {
  const receiver = await OtlpReceiver.start()
  onTestFinished(() => receiver.close())
  const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = {
    ...{ DATABASE_URL: kit.databaseUrl, NATS_URL: nats.url, TOKEN_KEYS },
    ...{ NODE_ENV: 'production', PORT: String(port), OTEL_EXPORTER_OTLP_ENDPOINT },
  }
  const answers = () =>
    fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await run('server', server, answers)
  const worker = { NATS_URL: nats.url, OTEL_EXPORTER_OTLP_ENDPOINT }
  // Of all models: none is refused for a library or a file that the image lacks.
  const served = /worker ready: .*bio-age.*credit-default.*depression-risk.*portrait-cutout/
  await run('worker', worker, (written) => served.test(written()))
  const user = await kit.user({ balance: 10 })
  const { prediction } = await predict(new Api(url, user.accessToken), bioAge(), {
    waitMs: 20_000,
  })
  expect(prediction).toMatchObject({ status: 'SUCCEEDED', output: { unit: 'years' } })
  // What is loaded only when it is wished for is there, too.
  await vi.waitFor(
    () =>
      expect(new Set(receiver.spans.map(({ resource }) => resource['service.name']))).toEqual(
        new Set(['presage-server', 'presage-worker']),
      ),
    30_000,
  )
})
