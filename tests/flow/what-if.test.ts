import { expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { FEATURES } from '../kit/blood.js'
import { openKit } from '../kit/kit.js'
import { bioAge, predict, readWallet, rowIdOf } from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ env: { WHAT_IFS_PER_DAY: '4' } })

const whatIf = (api: Api, input: unknown) =>
  api.field<Record<string, unknown>>(
    `query ($input: PredictInput!) {
      whatIf(input: $input) {
        __typename
        ... on WhatIf { score unit remaining }
        ... on InvalidInputError { issues { path } }
        ... on RateLimitedError { retryAfterMs }
      }
    }`,
    { input },
  )

const replay = (api: Api, prediction: string) =>
  api.field<Record<string, unknown>>(
    `mutation ($prediction: ID!) {
      replay(prediction: $prediction) {
        __typename
        ... on ReplayPayload {
          output { ... on RegressionOutput { value unit } }
          difference agrees sameArtifact
        }
        ... on Error { code }
      }
    }`,
    { prediction },
  )

const history = (api: Api) =>
  api.field<{ predictions: { nodes: { id: string }[] } }>(
    'query { viewer { predictions(first: 10) { nodes { id } } } }',
  )

it('answers the bare score for nothing, and keeps nothing of it', async () => {
  const alice = stack.api(await kit.user({ balance: 5 }))
  const younger = await whatIf(alice, bioAge('PHENOAGE', { ...FEATURES, age: 40 }))
  const older = await whatIf(alice, bioAge('PHENOAGE', { ...FEATURES, age: 60 }))
  expect(younger).toMatchObject({ __typename: 'WhatIf', unit: 'years', remaining: 3 })
  expect(Number(older.score)).toBeGreaterThan(Number(younger.score))
  expect((await history(alice)).predictions.nodes).toEqual([])
  expect(await readWallet(alice)).toMatchObject({ available: 5, held: 0 })
})

it('is kept by no cache, also when it is asked by GET', async () => {
  const gina = stack.api(await kit.user())
  const query = 'query ($input: PredictInput!) { whatIf(input: $input) { __typename } }'
  const variables = JSON.stringify({ input: bioAge('PHENOAGE') })
  const url = `${gina.url}/graphql?${new URLSearchParams({ query, variables })}`
  const headers = { authorization: `Bearer ${gina.accessToken}`, accept: 'application/json' }
  const byGet = await fetch(url, { headers })
  expect(await byGet.json()).toEqual({ data: { whatIf: { __typename: 'WhatIf' } } })
  const body = JSON.stringify({ query, variables: JSON.parse(variables) })
  const type = { 'content-type': 'application/json' }
  const byPost = await fetch(url.split('?', 1)[0] ?? '', {
    ...{ method: 'POST', headers: { ...headers, ...type }, body },
  })
  for (const answer of [byGet, byPost]) {
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
})

it('is refused with bad input, which does not count, and when the day is used up', async () => {
  const bob = stack.api(await kit.user())
  const wrong = await whatIf(bob, bioAge('PHENOAGE', { ...FEATURES, mcv: 900 }))
  expect(wrong).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['mcv'] }] })
  for (const remaining of [3, 2, 1, 0])
    expect(await whatIf(bob, bioAge('NETWORK'))).toMatchObject({ remaining })
  const refused = await whatIf(bob, bioAge('NETWORK'))
  expect(refused.__typename).toBe('RateLimitedError')
  expect(Number(refused.retryAfterMs)).toBeGreaterThan(0)
  expect(Number(refused.retryAfterMs)).toBeLessThanOrEqual(86_400_000)
})

it('a past prediction is computed again and agrees', async () => {
  const carol = stack.api(await kit.user({ balance: 5 }))
  const bought = await predict(carol, bioAge('NETWORK'), { waitMs: 30_000 })
  const { id = '' } = bought.prediction ?? {}
  expect(await replay(carol, id)).toMatchObject({
    __typename: 'ReplayPayload',
    output: { unit: 'years' },
    agrees: true,
    sameArtifact: true,
  })
  expect(await readWallet(carol)).toMatchObject({ available: 2, held: 0 })

  // Of another artifact, and half a year off where the card allows a millionth.
  const { rowCount } = await kit.db.pool.query(
    `UPDATE predictions SET artifact_sha256 = repeat('0', 64),
      output = jsonb_set(output::jsonb, '{value}', to_jsonb((output::jsonb->>'value')::float8 + 0.5))
      WHERE id = $1`,
    [rowIdOf(id)],
  )
  expect(rowCount).toBe(1)
  const again = await replay(carol, id)
  expect(again).toMatchObject({ agrees: false, sameArtifact: false })
  expect(again.difference).toBeCloseTo(0.5, 9)
  const dave = stack.api(await kit.user())
  expect(await replay(dave, id)).toMatchObject({ __typename: 'NotFoundError' })
})

it('tells of a prediction that cannot be replayed', async () => {
  const erin = stack.api(await kit.user({ balance: 5 }))
  const bought = await predict(erin, bioAge('PHENOAGE'), { waitMs: 30_000 })
  const { id = '' } = bought.prediction ?? {}
  await kit.db.pool.query(`UPDATE predictions SET version = '0.0.1' WHERE user_id =
    (SELECT id FROM users ORDER BY created_at DESC LIMIT 1)`)
  expect(await replay(erin, id)).toMatchObject({ __typename: 'NotReplayableError' })
})

it('is unavailable, and not an internal error, while no worker answers', async () => {
  const idle = await kit.stack({ workers: 0 })
  const frank = idle.api(await kit.user())
  await expect(whatIf(frank, bioAge('NETWORK'))).rejects.toThrow('No worker answers')
})
