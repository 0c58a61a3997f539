import { readLines, readMonths } from '@presage/domain/desk/credit-line'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { expect, it } from 'vitest'
import type { Api } from '../../kit/api.js'
import { openDesk, paymentOf } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { give, signIn } from '../../kit/seed-user.js'

const kit = await openKit()
const { desk, domain, admin, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)

const clientOf = (api: Api, id: string, fields: string) =>
  api
    .field<{ client: Record<string, never> | null }>(
      `query ($id: ID!) { desk { client(id: $id) { ${fields} } } }`,
      { id },
    )
    .then(({ client }) => client)

const DECISIONS = `decisions { nodes {
  verdict reason standsSince letter { date salutation decided reasons { title value } mayDo } } }`

it('declines by a score with reasons in a letter, and tells what would help', async () => {
  const stack = await kit.stack({ env: { MODELS: 'credit-default' } })
  const enter = async (userId: string) => stack.api(await signIn(kit.seeds, userId))
  const { userId } = await stage.manager()
  const clientId = await stage.client({ managerId: userId })
  for (const [month, late] of [
    ['2026-04-01', 0],
    ['2026-05-01', 2],
    ['2026-06-01', 3],
  ] as const)
    await recordPayment(desk, admin, clientId, { ...paymentOf(month, late), paid: 100 })
  await give(domain, clientId, 'TOP_UP', 20)
  const [manager, client] = [await enter(userId), await enter(clientId)]
  const stranger = stack.api(await kit.user())
  const id = Buffer.from(`Client:${clientId}`).toString('base64')

  const asked = await client.field<{
    score: { id: string; proposal: string; isAskedByClient: boolean }
  }>(
    `mutation ($client: ID!) { askScore(input: { client: $client, idempotencyKey: "a", waitMs: 20000 }) {
      ... on AskScorePayload { score { id proposal isAskedByClient } } } }`,
    { client: id },
  )
  expect(asked.score).toMatchObject({ proposal: 'DECLINE', isAskedByClient: true })
  const decided = await manager.field<Record<string, unknown>>(
    `mutation ($score: ID!) { decide(input: { score: $score, verdict: DECLINE }) {
      __typename ... on Decision { id needsSecond } } }`,
    { score: asked.score.id },
  )
  expect(decided).toMatchObject({ __typename: 'Decision', needsSecond: false })

  const mine = await clientOf(client, id, DECISIONS)
  expect(mine).toMatchObject({
    decisions: {
      nodes: [
        {
          ...{ verdict: 'DECLINE', reason: null, standsSince: expect.any(String) },
          letter: {
            salutation: 'Dear Lin Moss,',
            decided: expect.stringContaining('NT$100,000'),
            mayDo: { length: 3 },
          },
        },
      ],
    },
  })
  const [letter] = (mine as unknown as { decisions: { nodes: { letter: Letter }[] } }).decisions
    .nodes
  const reasons = letter?.letter.reasons ?? []
  expect(reasons.length).toBeGreaterThan(1)
  expect(reasons.length).toBeLessThanOrEqual(4)
  expect(reasons[0]?.title).toMatch(/late/)
  expect(await raisedBy(clientId)).toEqual(
    expect.arrayContaining(reasons.map(({ title }) => title)),
  )
  expect(JSON.stringify(reasons)).toMatch(/NT\$[\d,]+/)
  const node = 'query ($id: ID!) { node(id: $id) { ... on Decision { verdict } } }'
  expect(await client.field(node, { id: decided.id })).toEqual({ verdict: 'DECLINE' })
  expect(await stranger.field(node, { id: decided.id })).toBeNull()
  expect(await stranger.field('query { desk { waitingDecisions { nodes { id } } } }')).toBeNull()

  const help = `whatWouldHelp { __typename ... on WhatWouldHelp {
    now { probability } steps { months probability band text } remaining } }`
  const told = (await clientOf(client, id, help)) as unknown as { whatWouldHelp: Told }
  const { now, steps } = told.whatWouldHelp
  expect(steps.map(({ months }) => months)).toEqual([1, 2, 3])
  const path = [now, ...steps].map(({ probability }) => probability)
  expect(path).toEqual([...path].sort((a, b) => b - a))
  expect(Number(path[3])).toBeLessThan(Number(path[0]) / 2)
  expect(steps[1]?.text).toMatch(/next two statements .*NT\$50,000, then NT\$/)
  const wallet = await client.field<{ wallet: { available: number } }>(
    'query { viewer { wallet { available } } }',
  )
  expect(wallet).toEqual({ wallet: { available: 15 } })
  const { rows } = await sql('SELECT count(*)::int FROM scores WHERE client_id = $1', clientId)
  expect(rows).toEqual([{ count: 1 }])
  const [line] = await readLines(kit.db, [clientId])
  const months = await readMonths(kit.db, [line?.id ?? ''], 24)
  expect(months.map(({ month, paid, monthsLate }) => [month, paid, monthsLate])).toEqual([
    ['2026-06-01', 100, 3],
    ['2026-05-01', 100, 2],
    ['2026-04-01', 100, 0],
  ])
})

interface Letter {
  reasons: { title: string; value: string }[]
}
interface Told {
  now: { probability: number }
  steps: { months: number; probability: number; text: string }[]
}

/** The titles of what raised a client's latest score. */
async function raisedBy(clientId: string): Promise<string[]> {
  const { rows } = await sql('SELECT explanation FROM scores WHERE client_id = $1', clientId)
  const card = domain.catalogue.model('credit-default')?.card
  const named = [...(card?.features ?? []), ...(card?.derived ?? [])]
  return rows[0].explanation.contributions
    .filter(({ contribution }: { contribution: number }) => contribution > 0)
    .map(({ feature }: { feature: string }) => named.find(({ name }) => name === feature)?.title)
}
