import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.js'
import { checkRun, type Run } from './run.js'

const now = Date.parse('2026-01-01T00:00:00Z')
const run = (changes: Partial<Run> = {}): Run => ({
  idempotencyKey: 'k',
  explain: false,
  waitMs: 0,
  ...changes,
})

describe('checkRun', () => {
  it('gives ten minutes where no deadline is asked for', () => {
    expect(checkRun(run(), now)).toEqual(new Date(now + 600_000))
  })

  it('keeps a deadline within a day', () => {
    const deadline = new Date(now + 1000)
    expect(checkRun(run({ deadline }), now)).toEqual(deadline)
  })

  it('names every fault together, with its range', () => {
    const faulty = run({ idempotencyKey: '', waitMs: 30_001, deadline: new Date(now - 1) })
    try {
      checkRun(faulty, now)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      expect(error.issues.map(({ path }) => path.join('.'))).toEqual([
        'run.idempotencyKey',
        'run.waitMs',
        'run.deadline',
      ])
      expect(error.issues[1]).toMatchObject({ unit: 'ms', min: 0, max: 30_000 })
    }
  })

  it.each([
    ['a key of 65 characters', { idempotencyKey: 'x'.repeat(65) }],
    ['a deadline past tomorrow', { deadline: new Date(now + 86_400_001) }],
    ['a negative wait', { waitMs: -1 }],
  ])('refuses %s', (_what, changes) => {
    expect(() => checkRun(run(changes), now)).toThrow(InvalidInputError)
  })
})
