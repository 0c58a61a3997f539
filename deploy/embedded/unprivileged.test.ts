import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unprivileged } from './unprivileged.js'

let closed = ''

beforeAll(() => {
  closed = mkdtempSync(join(tmpdir(), 'presage-closed-'))
})
afterAll(() => rmSync(closed, { recursive: true, force: true }))

test('programs run as somebody who is not root and yet reach a folder closed to all others', () => {
  const { prefix, uid, gid } = unprivileged(process.execPath, closed)
  const run = (...command: string[]) => {
    const [program = '', ...rest] = [...prefix, ...command]
    return execFileSync(program, rest, { encoding: 'utf8', uid, gid }).trim()
  }
  expect(run('id', '-u')).not.toBe('0')
  expect(run('ls', closed)).toBe('')
})

test.skipIf(process.getuid?.() !== 0)(
  'a folder that nobody reaches is refused with the remedies',
  () => {
    expect(() => unprivileged(join(closed, 'no-such-program'), closed)).toThrow(/set DATABASE_URL/)
  },
)
