import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FolderInUseError, takeLock } from './folder-lock.js'
import { processIdentity } from './process-identity.js'

function lockFile() {
  const folder = mkdtempSync(join(tmpdir(), 'presage-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'lock')
}

test('a held lock is refused, naming the holder and the remedy', () => {
  const file = lockFile()
  const release = takeLock(file, 'The data')
  expect(() => takeLock(file, 'The data')).toThrow(FolderInUseError)
  expect(() => takeLock(file, 'The data')).toThrow(
    `The data is in use by process ${process.pid}. Stop that one first, or set DATA_DIR to another folder.`,
  )
  release()
  takeLock(file, 'The data')()
})

test('a lock whose holder is gone is taken over, even when another process has its number', () => {
  const file = lockFile()
  writeFileSync(file, JSON.stringify({ ...processIdentity(process.pid), started: 'long ago' }))
  const release = takeLock(file, 'The data')
  expect(() => takeLock(file, 'The data')).toThrow(FolderInUseError)
  release()
})

test('a lock that was cut short by a crash is no lock', () => {
  const file = lockFile()
  writeFileSync(file, '{"pid":')
  takeLock(file, 'The data')()
})
