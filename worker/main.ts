import { pino } from 'pino'
import { ConfigError, readConfig } from './config.js'
import { startWorker, UnservableError } from './start-worker.js'

/** Resolves at the first SIGTERM or SIGINT; later ones change nothing, as leaving is bounded. */
function stopSignal(): Promise<'stop'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve('stop'))
  })
}

async function run(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino({ level: config.logLevel, base: { worker: config.name } })
  const stop = stopSignal()
  const worker = await Promise.race([startWorker(config, log), stop])
  if (worker === 'stop') process.exit(0)
  log.info(`worker ready: ${worker.served.map((it) => `${it.model} ${it.version}`).join(', ')}`)
  const cause = await Promise.race([stop, worker.cutOff])
  if (cause !== 'stop') throw new UnservableError(`NATS refuses this worker: ${cause?.message}`)
  log.info('leaving: finishing what is in hand')
  const givenBack = await worker.stop()
  log.info({ givenBack }, 'worker stopped')
  // Whoever still waits for a collector that does not answer is not waited for.
  process.exit(0)
}

await run().catch((error: unknown) => {
  if (!(error instanceof ConfigError || error instanceof UnservableError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
