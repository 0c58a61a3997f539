import { expect, it } from 'vitest'
import { openDb } from './client.js'

it('keeps a lane’s connection however long nothing passes through it', async () => {
  const db = openDb('postgresql://nobody@127.0.0.1:1/nothing')
  expect(db.lane('holds').options.idleTimeoutMillis).toBe(0)
  await db.close()
})
