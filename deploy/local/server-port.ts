import { createServer } from 'node:net'
import { freePort } from '../process/free-port.js'

/** Another program listens where the server should. */
export class PortTakenError extends Error {
  override name = 'PortTakenError'
  constructor(port: number) {
    super(`Port ${port} is taken by another program. Set PORT to another one, or to 0 for any.`)
  }
}

/**
 * The port for the server: the given one, or a free one for 0.
 * @throws {PortTakenError}
 */
export async function serverPort(port: number): Promise<number> {
  if (port === 0) return freePort()
  const isFree = await new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
  if (!isFree) throw new PortTakenError(port)
  return port
}
