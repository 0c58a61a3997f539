import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { PortTakenError, serverPort } from './server-port.js'

test('0 is any free port, and a taken port is named with the remedy', async () => {
  expect(await serverPort(0)).toBeGreaterThan(0)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await expect(serverPort(port)).rejects.toThrow(PortTakenError)
  await expect(serverPort(port)).rejects.toThrow('Set PORT to another one')
  other.close()
})
