import { NoSuccessorError } from '@presage/domain/catalogue/successor-of'
import { CardError } from '@presage/models/card/card-error'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { NameCollisionError } from '@presage/schema/predictions/predict-input'
import { type Logger, pino } from 'pino'
import { ConfigError, readConfig, type ServerConfig } from './config.js'
import { type RunningServer, startServer } from './start-server.js'

/** What whoever starts a server has to mend is said without a stack. */
const KNOWN = [ConfigError, CardError, NameCollisionError, NoSuccessorError]

/** Resolves at the first SIGTERM or SIGINT; later ones change nothing, as leaving is bounded. */
function stopSignal(): Promise<'stop'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve('stop'))
  })
}

async function start(config: ServerConfig, log: Logger): Promise<RunningServer> {
  return startServer(config, log, await loadCatalogue(config.modelsDir))
}

async function run(): Promise<void> {
  const config = readConfig(process.env)
  // Standard output carries the one line that says where the server is.
  const log = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }))
  const stop = stopSignal()
  const server = await Promise.race([start(config, log), stop])
  if (server === 'stop') process.exit(0)
  process.stdout.write(`${JSON.stringify({ ready: true, url: server.url })}\n`)
  log.info({ url: server.url, internalUrl: server.internalUrl }, 'server ready')
  // Sent by whoever stops workers and server together: the settler outlives the workers.
  process.on('message', (word) => {
    if (word === 'close-intake') void server.closeIntake()
  })
  await stop
  log.info('leaving')
  await server.stop()
  log.info('server stopped')
  log.flush(() => process.exit(0))
}

await run().catch((error: unknown) => {
  const known = KNOWN.some((it) => error instanceof it)
  process.stderr.write(
    `${error instanceof Error ? (known ? error.message : error.stack) : error}\n`,
  )
  process.exit(1)
})
