import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { filesUnder, fingerprint, unlessDone } from './fingerprint.mjs'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-fingerprint-'))
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'dist', 'old.ts'), 'compiled')
  writeFileSync(join(folder, 'a.ts'), 'one')
  return () => rmSync(folder, { recursive: true })
})

const sources = () => filesUnder(folder, (path) => path.endsWith('.ts'))

const state = (...circumstances) => ({
  stamp: join(folder, 'stamp'),
  fingerprint: fingerprint(sources(), ...circumstances),
  outcome: join(folder, 'outcome'),
})

async function run(...circumstances) {
  return unlessDone(state(...circumstances), async () => {
    writeFileSync(join(folder, 'outcome'), '')
  })
}

test('work is done once, and again when a source or a circumstance changes', async () => {
  expect(sources()).toEqual([join(folder, 'a.ts')])
  expect(await run()).toBe(true)
  expect(await run()).toBe(false)
  writeFileSync(join(folder, 'a.ts'), 'two')
  expect(await run()).toBe(true)
  writeFileSync(join(folder, 'b.ts'), '')
  expect(await run()).toBe(true)
  expect(await run('node 22')).toBe(true)
  expect(await run('node 22')).toBe(false)
})

test('work is done again when its outcome is gone, or when it failed', async () => {
  await run()
  rmSync(join(folder, 'outcome'))
  expect(await run()).toBe(true)
  writeFileSync(join(folder, 'a.ts'), 'three')
  const failing = unlessDone(state(), () => Promise.reject(new Error('no space left')))
  await expect(failing).rejects.toThrow('no space left')
  expect(await run()).toBe(true)
})
