import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keptSecrets } from './secrets.js'

test('secrets are made once, differ between data folders, and only their owner reads them', () => {
  const [one, other] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'presage-secrets-')))
  onTestFinished(() => {
    for (const folder of [one, other]) rmSync(folder ?? '', { recursive: true })
  })
  const first = keptSecrets(one ?? '')
  expect(keptSecrets(one ?? '')).toEqual(first)
  expect(keptSecrets(other ?? '')).not.toEqual(first)
  const { dataSecret: _, ...earlier } = first
  writeFileSync(join(one ?? '', 'secrets.json'), JSON.stringify(earlier), { mode: 0o600 })
  expect(keptSecrets(one ?? '')).toMatchObject(earlier)
  expect(statSync(join(one ?? '', 'secrets.json')).mode & 0o777).toBe(0o600)
})
