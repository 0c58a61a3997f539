import type { Program } from './program.js'

const HOST = '127.0.0.1'

/** A server on this machine, ready when it says so itself. */
export const serverProgram = (port: number, env: Record<string, string>): Program => ({
  name: 'server',
  entry: 'server/main',
  // The address is plain HTTP.
  env: { HOST, PORT: String(port), COOKIE_SECURE: 'false', ...env },
  isReady: () =>
    fetch(`http://${HOST}:${port}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    ),
})

/** A worker, ready when it has announced the models that it serves. */
export const workerProgram = (name: string, natsUrl: string): Program => ({
  name,
  entry: 'worker/main',
  env: { NATS_URL: natsUrl, WORKER_NAME: name },
  isReady: (written) => written().includes('worker ready'),
})
