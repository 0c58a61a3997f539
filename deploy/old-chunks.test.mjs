import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { removeOldChunks } from './old-chunks.mjs'

const DAY_MS = 24 * 3_600_000
let outdir = ''
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'presage-chunks-'))
  mkdirSync(join(outdir, 'chunks'))
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(outdir, { recursive: true })
})

/** A build on a day, whose bundle has one chunk. */
async function build(day, chunk) {
  vi.setSystemTime(day * DAY_MS)
  await removeOldChunks(outdir)
  for (const file of [join('chunks', chunk), 'main.js']) {
    writeFileSync(join(outdir, file), '')
    utimesSync(join(outdir, file), new Date(), new Date())
  }
}
const left = () => readdirSync(join(outdir, 'chunks')).sort()

it('leaves a server that has run for long its chunks, whatever is built beside it', async () => {
  await build(1000, 'running.js')
  await build(1040, 'mistaken.js')
  await build(1040.01, 'right.js')
  expect(left()).toEqual(['mistaken.js', 'right.js', 'running.js'])
})

it('removes what was replaced more than 30 days ago', async () => {
  await build(1000, 'first.js')
  await build(1001, 'second.js')
  await build(1020, 'third.js')
  await build(1032, 'fourth.js')
  expect(left()).toEqual(['fourth.js', 'second.js', 'third.js'])
})

it('keeps a chunk that each build has', async () => {
  for (const day of [1000, 1040, 1080]) await build(day, 'same.js')
  expect(left()).toEqual(['same.js'])
})

it('has nothing to remove before the first build', async () => {
  await expect(removeOldChunks(join(outdir, 'not-there'))).resolves.toBeUndefined()
})
