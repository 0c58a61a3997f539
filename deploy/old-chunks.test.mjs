import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeOldChunks } from './old-chunks.mjs'

let outdir = ''
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'presage-chunks-'))
  mkdirSync(join(outdir, 'chunks'))
})
afterEach(() => rmSync(outdir, { recursive: true }))

/** Writes a file as it was `days` ago. */
function wrote(days, ...path) {
  const file = join(outdir, ...path)
  writeFileSync(file, '')
  const at = new Date(Date.now() - days * 24 * 3_600_000)
  utimesSync(file, at, at)
}
const left = () => readdirSync(join(outdir, 'chunks')).sort()

it('leaves a running server the chunks of its build, and those of 30 days', async () => {
  wrote(40, 'main.js')
  wrote(40, 'chunks', 'of-the-last-build.js')
  wrote(41, 'chunks', 'of-an-earlier-build.js')
  wrote(2, 'chunks', 'of-a-build-that-broke-off.js')
  await removeOldChunks(outdir)
  expect(left()).toEqual(['of-a-build-that-broke-off.js', 'of-the-last-build.js'])
})

it('leaves the build before the last one its chunks as well', async () => {
  wrote(0, 'main.js')
  wrote(0, 'chunks', 'of-the-last-build.js')
  wrote(29, 'chunks', 'of-the-one-before.js')
  wrote(31, 'chunks', 'of-a-month-ago.js')
  await removeOldChunks(outdir)
  expect(left()).toEqual(['of-the-last-build.js', 'of-the-one-before.js'])
})

it('has nothing to remove before the first build', async () => {
  await expect(removeOldChunks(join(outdir, 'not-there'))).resolves.toBeUndefined()
})
