import { randomUUID } from 'node:crypto'
import { type CreditFacts, creditInput } from '@presage/domain/desk/credit-input'
import { createDesk } from '@presage/domain/desk/desk'
import { ScoreErasedError, scoreDiff } from '@presage/domain/desk/diff/score-diff'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { whatIf } from '@presage/domain/what-if/what-if'
import { expect, it } from 'vitest'
import { openDesk, paymentOf } from '../../kit/desk.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { admin, ...stage } = await openDesk(kit)

const MODEL = { model: 'credit-default', variant: 'boosted' }
const LINE = { creditLimit: 100_000, currency: 'TWD' as const }
const APRIL = paymentOf('2026-04-01')
const MAY = { ...paymentOf('2026-05-01', 1), paid: 0 }
const JUNE = { ...paymentOf('2026-06-01', 2), paid: 0, billed: 61_000 }
const before: CreditFacts = { line: LINE, months: [MAY, APRIL] }

it('splits a change by the real model into parts that sum to it', async () => {
  const stack = await kit.stack({ servers: 0, workers: 0 })
  const { domain } = await serve(kit, stack.nats.url)
  await stack.addWorker({ MODELS: 'credit-default' })
  const desk = createDesk(domain)
  const manager = await stage.manager()
  const clientId = await stage.client({ managerId: manager.userId })

  const modelled = async (facts: CreditFacts) => {
    const request = { ...MODEL, features: creditInput(facts) ?? {} }
    return (await whatIf(domain, await kit.user(), request)).score
  }
  const write = async (
    facts: CreditFacts | null,
    { version = '1.0.0', probability = 0.5, client = clientId } = {},
  ) => {
    const id = randomUUID()
    await kit.db.pool.query(
      `INSERT INTO scores (id, client_id, probability, band, model, version, variant, input, created_at)
        VALUES ($1, $2, $3, 'high', 'credit-default', $4, 'boosted', $5, now())`,
      [id, client, probability, version, facts && creditInput(facts)],
    )
    return id
  }
  const scored = async (facts: CreditFacts) => write(facts, { probability: await modelled(facts) })
  const diff = (a: string, b: string) => scoreDiff(desk, manager, a, b)
  const summed = ({ parts, versionChange }: Awaited<ReturnType<typeof diff>>) =>
    parts.reduce((sum, part) => sum + part.change, versionChange ?? 0)

  const first = await scored(before)
  const raised: CreditFacts = { ...before, line: { ...LINE, creditLimit: 20_000 } }
  const lower = await diff(first, await scored(raised))
  expect(lower.parts).toEqual([
    {
      edits: [{ feature: 'creditLimit', from: 100_000, to: 20_000 }],
      change: (await modelled(raised)) - (await modelled(before)),
    },
  ])
  expect(lower.versionChange).toBeNull()

  const after: CreditFacts = { ...raised, months: [JUNE, MAY, APRIL] }
  const second = await scored(after)
  const many = await diff(first, second)
  expect(many.change).toBe((await modelled(after)) - (await modelled(before)))
  expect(many.change).toBeGreaterThan(0.05)
  expect(summed(many)).toBeCloseTo(many.change, 12)
  expect(many.parts.at(-1)?.edits.map(({ feature, from }) => [feature, from])).toEqual(
    expect.arrayContaining([
      ['billed3', null],
      ['paid3', null],
      ['monthsLate3', null],
    ]),
  )
  const back = await diff(second, first)
  expect(summed(back)).toBeCloseTo(-many.change, 12)

  const older = await write(before, { version: '0.9.0', probability: 0.4 })
  const renewed = await diff(older, second)
  expect(renewed.versionChange).toBeCloseTo((await modelled(before)) - 0.4, 9)
  expect(summed(renewed)).toBeCloseTo(renewed.change, 9)
  const newer = await write(after, { version: '9.0.0', probability: 0.9 })
  const replaced = await diff(first, newer)
  expect(replaced.versionChange).toBeCloseTo(0.9 - (await modelled(after)), 9)
  expect(summed(replaced)).toBeCloseTo(0.9 - (await modelled(before)), 9)
  const gone = await diff(older, newer)
  expect(gone).toMatchObject({ parts: [{ change: 0.5 }], versionChange: null })
  expect((await diff(first, first)).parts).toEqual([])

  await expect(diff(await write(null), second)).rejects.toThrow(ScoreErasedError)
  const other = await stage.client({})
  const theirs = await write(before, { client: other })
  await expect(diff(first, theirs)).rejects.toThrow(NotFoundError)
  await expect(scoreDiff(desk, admin, first, theirs)).rejects.toThrow(InvalidInputError)
})
