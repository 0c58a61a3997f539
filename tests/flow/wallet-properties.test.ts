import { randomUUID } from 'node:crypto'
import type { Domain } from '@presage/domain/domain'
import { IdempotencyConflictError } from '@presage/domain/errors'
import { predict } from '@presage/domain/predictions/predict'
import type { Viewer } from '@presage/domain/viewer'
import { InsufficientFundsError } from '@presage/domain/wallet/book-transfer'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerFaults } from '../kit/check-ledger.js'
import { CutLine } from '../kit/cut-line.js'
import { fuzzRuns } from '../kit/fuzz-runs.js'
import { keyViewer } from '../kit/key-viewer.js'
import { openKit } from '../kit/kit.js'
import { closingOf, lapse, MoneyStage } from '../kit/money-stage.js'
import { type Story, storyOf } from '../kit/money-story.js'
import type { TestVariant } from '../kit/test-catalogue.js'
import { toldFaults } from '../kit/told-faults.js'

const kit = await openKit()
const server = kit.domain()
const servers = [server, kit.domain()]

const buy = (domain: Domain, viewer: Viewer, variant: TestVariant, key: string = randomUUID()) =>
  predict(
    domain,
    viewer,
    { model: 'toll', variant, features: { n: 1 } },
    { idempotencyKey: key, explain: false, waitMs: 0 },
  )

const walletOf = ({ userId }: Viewer) =>
  kit.db.prisma.wallet.findUniqueOrThrow({ where: { userId } })

/** What a call was refused with, or null when it was accepted. */
const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  )

describe('whatever happens at the same time', () => {
  /** No commit may take a key past a cap, and none of these stories lowers one. */
  beforeAll(() =>
    kit.db.pool.query(`ALTER TABLE api_key_spending ADD CHECK (
      (daily_cap IS NULL OR day_spent <= daily_cap)
      AND (monthly_cap IS NULL OR month_spent <= monthly_cap)
      AND (total_cap IS NULL OR total_spent <= total_cap))`),
  )

  /** Plays a story and tells all that is wrong, first with predictions open, then with all ended. */
  async function faultsOf({ users, rounds }: Story): Promise<string[]> {
    const viewers = await Promise.all(users.map((seed) => kit.user(seed)))
    const ids = viewers.map(({ userId }) => userId)
    const keys = await Promise.all(
      users.map(({ caps }, i) => keyViewer(server, viewers[i] as Viewer, caps)),
    )
    const stage = new MoneyStage(servers, [...viewers, ...keys])
    await stage.play(rounds)
    const whileOpen = await ledgerFaults(server, ids)
    await stage.finish()
    const wallets = await Promise.all(viewers.map(walletOf))
    return [
      ...whileOpen,
      ...toldFaults(stage.told),
      ...(await ledgerFaults(server, ids)),
      ...stage.ended
        .filter((id, i) => stage.ended.indexOf(id) < i)
        .map((id) => `${id} was ended twice`),
      ...wallets.flatMap(({ held }) => (held === 0n ? [] : [`${held} stay held at the end`])),
    ]
  }

  const holdsFor = (story: fc.Arbitrary<Story>, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(story, async (each) => {
        expect(await faultsOf(each)).toEqual([])
      }),
      { numRuns },
    )

  const hours = { timeout: 4 * 3_600_000 }

  it('the books of one wallet are right', hours, () => holdsFor(storyOf(1, 1), fuzzRuns(60)))
  it('the books of many wallets are right', hours, () => holdsFor(storyOf(2, 6), fuzzRuns(40)))
})

describe('a wallet', () => {
  it('with money for one pays for exactly one of twenty at once', async () => {
    const alice = await kit.user({ balance: 2, bonus: 1 })
    const calls = Array.from({ length: 20 }, (_, i) =>
      refusalOf(buy(servers[i % 2] ?? server, alice, 'three')),
    )
    const refusals = (await Promise.all(calls)).filter((refusal) => refusal !== null)
    expect(refusals).toHaveLength(19)
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(InsufficientFundsError)
      expect(refusal).toMatchObject({ required: 3n, available: 0n })
    }
    expect(await walletOf(alice)).toMatchObject({ balance: 0n, bonus: 0n, held: 3n })
    expect(await ledgerFaults(server, [alice.userId])).toEqual([])
  })

  it('that cannot pay for an expensive call pays for the cheaper ones behind it', async () => {
    const alice = await kit.user({ balance: 5 })
    const outcomes = await Promise.allSettled(
      (['hundred', 'three', 'seven', 'one', 'one', 'one'] as const).map((variant) =>
        buy(server, alice, variant),
      ),
    )
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
      false,
      true,
      false,
      true,
      true,
      false,
    ])
    const batch = outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value.prediction] : []))
    expect(new Set(batch.map(({ createdAt }) => createdAt.getTime())).size).toBe(1)
  })

  it('spends bonus first and gets each part back to where it came from', async () => {
    const alice = await kit.user({ balance: 10, bonus: 4 })
    const { prediction, wallet } = await buy(server, alice, 'seven')
    expect(wallet).toMatchObject({ balance: 7n, bonus: 0n, held: 7n })
    await server.closings.submit(closingOf(prediction.id, 'fail'))
    expect(await walletOf(alice)).toMatchObject({ balance: 10n, bonus: 4n, held: 0n })
  })

  it('pays for no result that comes after the deadline', async () => {
    const alice = await kit.user({ balance: 10, bonus: 4 })
    const [late, inTime] = [await buy(server, alice, 'seven'), await buy(server, alice, 'one')]
    const { id } = late.prediction
    expect(await lapse(server, alice, id)).toBe(1)
    const closings = [late, inTime].map(({ prediction }) => closingOf(prediction.id, 'succeed'))
    const ends = await Promise.all(closings.map((closing) => server.closings.submit(closing)))
    expect(ends.map((end) => end?.to)).toEqual(['EXPIRED', 'SUCCEEDED'])
    expect(await kit.db.prisma.prediction.findUniqueOrThrow({ where: { id } })).toMatchObject({
      ...{ status: 'EXPIRED', output: null, explanation: null, failure: { code: 'EXPIRED' } },
    })
    expect(await walletOf(alice)).toMatchObject({ balance: 9n, bonus: 4n, held: 0n })
    expect(await server.closings.submit(closingOf(id, 'succeed'))).toBeNull()
    expect(await ledgerFaults(server, [alice.userId])).toEqual([])
  })

  it('keeps a hundred accounts apart when all spend through one batch', async () => {
    const people = await Promise.all(Array.from({ length: 100 }, () => kit.user({ balance: 3 })))
    await Promise.all(people.map((person) => buy(server, person, 'one')))
    for (const person of people)
      expect(await walletOf(person)).toMatchObject({ balance: 2n, held: 1n })
    expect(
      await ledgerFaults(
        server,
        people.map(({ userId }) => userId),
      ),
    ).toEqual([])
  })
})

describe('an idempotency key', () => {
  it('is bound by one of many calls at once, and the others are told the same', async () => {
    const alice = await kit.user({ balance: 50 })
    const calls = Array.from({ length: 20 }, (_, i) =>
      buy(servers[i % 2] ?? server, alice, 'three', 'again'),
    )
    const answers = await Promise.all(calls)
    expect(new Set(answers.map(({ prediction }) => prediction.id)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await walletOf(alice)).toMatchObject({ balance: 47n, held: 3n })
  })

  it('of a refused call is free for another', async () => {
    const alice = await kit.user({ balance: 1 })
    expect(await refusalOf(buy(server, alice, 'three', 'k'))).toBeInstanceOf(InsufficientFundsError)
    expect((await buy(server, alice, 'one', 'k')).replayed).toBe(false)
    expect(await refusalOf(buy(server, alice, 'free', 'k'))).toBeInstanceOf(
      IdempotencyConflictError,
    )
  })

  it('of one user says nothing to another', async () => {
    const [alice, bob] = await Promise.all([kit.user({ balance: 9 }), kit.user({ balance: 9 })])
    const first = await buy(server, alice, 'one', 'mine')
    const second = await buy(server, bob, 'seven', 'mine')
    expect(second.replayed).toBe(false)
    expect(second.prediction.id).not.toBe(first.prediction.id)
  })
})

describe('a commit in doubt', () => {
  it.each([
    ['of a call alone', 'hold_prediction', 1],
    ['of calls that meet', 'hold_predictions', 10],
  ])('%s is charged once when the answer is lost again and again', async (_, statement, count) => {
    const line = await CutLine.to(kit.databaseUrl)
    const far = kit.domain({ url: line.url })
    afterAll(() => line.close())
    const alice = await kit.user({ balance: 100 })
    line.loseAnswers(statement, 3)
    const first = await Promise.all(Array.from({ length: count }, () => buy(far, alice, 'one')))
    expect(line.lost).toBe(3)
    expect(new Set(first.map(({ prediction }) => prediction.id)).size).toBe(count)
    expect(first.every(({ replayed }) => !replayed)).toBe(true)
    expect(await walletOf(alice)).toMatchObject({
      balance: BigInt(100 - count),
      held: BigInt(count),
    })
    expect(await ledgerFaults(server, [alice.userId])).toEqual([])
  })

  it('of a result is captured once when it is settled again', async () => {
    const line = await CutLine.to(kit.databaseUrl)
    const far = kit.domain({ url: line.url })
    afterAll(() => line.close())
    const alice = await kit.user({ balance: 10 })
    const { prediction } = await buy(server, alice, 'seven')
    line.loseAnswers('capture_prediction', 1)
    await expect(far.closings.submit(closingOf(prediction.id, 'succeed'))).rejects.toThrow()
    expect(await far.closings.submit(closingOf(prediction.id, 'succeed'))).toBeNull()
    expect(await walletOf(alice)).toMatchObject({ balance: 3n, held: 0n })
    expect(await ledgerFaults(server, [alice.userId])).toEqual([])
  })

  it('is answered and charged once while the lane’s backend is killed under load', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => kit.user({ balance: 100 })))
    const ids: string[] = []
    const spree = async (person: Viewer) => {
      for (let i = 0; i < 40; i++) {
        ids.push((await buy(server, person, 'one')).prediction.id)
        // All others are waiting in the lane or for an answer at this moment.
        if (ids.length % 25 === 0) await killHoldLanes()
      }
    }
    await Promise.all(people.flatMap((person) => [spree(person), spree(person)]))
    expect(new Set(ids).size).toBe(400)
    for (const person of people)
      expect(await walletOf(person)).toMatchObject({ balance: 20n, held: 80n })
    const everyone = people.map(({ userId }) => userId)
    expect(await ledgerFaults(server, everyone)).toEqual([])
  })

  /** Ends the backends of the hold lanes of all servers. */
  const killHoldLanes = () =>
    kit.db.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'presage-holds'`,
    )
})
