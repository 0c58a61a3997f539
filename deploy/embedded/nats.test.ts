import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { FolderInUseError } from '../process/folder-lock.js'
import { type Nats, startNats } from './nats.js'

let dataDir = ''
let nats: Nats | undefined

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'presage-nats-'))
})
afterEach(() => nats?.stop())
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const start = async (port?: number) => {
  nats = await startNats({ dataDir, port })
  return nats
}

/** What the server says of itself to whoever connects. */
async function greeting(port: number): Promise<Record<string, unknown>> {
  const socket = connect(port, '127.0.0.1')
  const [line] = await once(socket, 'data')
  socket.destroy()
  return JSON.parse(String(line).replace('INFO ', ''))
}

/** What the server answers to somebody with this password. */
async function entry(port: number, pass: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'data')
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, user: 'presage', pass })}\r\nPING\r\n`)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}

test('it runs JetStream on the loopback address only', async () => {
  const { port, url } = await start()
  expect(new URL(url).host).toBe(`127.0.0.1:${port}`)
  expect(await greeting(port)).toMatchObject({ host: '127.0.0.1', port, jetstream: true })
})

test('after a crash it comes back where its clients look for it', async () => {
  const first = await start()
  await first.kill()
  const second = await start(first.port)
  expect(second.pid).not.toBe(first.pid)
  expect(await greeting(first.port)).toMatchObject({ jetstream: true })
})

test('it lets in only who knows the password, also after a restart', async () => {
  const first = await start()
  await first.stop()
  const { url, port } = await start()
  expect(new URL(url).password).toBe(new URL(first.url).password)
  expect(await entry(port, new URL(url).password)).toContain('PONG')
  expect(await entry(port, 'guess')).toContain('Authorization Violation')
})

test('a second start on the same folder is refused, and the first is not disturbed', async () => {
  const { port } = await start()
  await expect(startNats({ dataDir })).rejects.toThrow(FolderInUseError)
  expect(await greeting(port)).toMatchObject({ jetstream: true })
})

test('a server that cannot start says why', async () => {
  const { port } = await start()
  const other = mkdtempSync(join(tmpdir(), 'presage-nats-'))
  await expect(startNats({ dataDir: other, port })).rejects.toThrow(/address already in use/)
  rmSync(other, { recursive: true, force: true })
})
