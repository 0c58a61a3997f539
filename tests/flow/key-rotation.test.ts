import { createPresage } from '@presage/client'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { agreeByApi } from '../kit/agree.js'
import { Api } from '../kit/api.js'
import { openKit } from '../kit/kit.js'
import { bioAge, PREDICT, predict } from '../kit/operations.js'
import type { Stack } from '../kit/stack.js'

const kit = await openKit()

const OLD = `old:${'o'.repeat(32)}`
const NEW = `new:${'n'.repeat(32)}`

interface Tokens {
  accessToken: string
  accessTokenExpiresAt: string
  refreshToken: string
}

const TOKENS = '... on SessionPayload { accessToken accessTokenExpiresAt refreshToken }'

const register = (url: string, email: string) =>
  new Api(url).field<Tokens>(
    `mutation ($email: String!) {
      register(email: $email, password: "a long password") { ${TOKENS} }
    }`,
    { email },
  )

const refresh = (url: string, token: string) =>
  new Api(url).field<Tokens & { code?: string }>(
    `mutation ($token: String) {
      refresh(refreshToken: $token) { ${TOKENS} ... on Error { code } }
    }`,
    { token },
  )

const quote = async (url: string, token: string) => {
  const answer = await new Api(url, token).field<{ id: string }>(
    `query ($input: PredictInput!) { quote(input: $input) { ... on Quote { id } } }`,
    { input: bioAge() },
  )
  return answer.id
}

/** Whether this server knows the caller by the token. */
const isKnown = async (url: string, token: string) =>
  (await new Api(url, token).ask<{ viewer: object | null }>('{ viewer { email } }')).data?.viewer

const kidOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

/** One server after the other; `check` sees every mixture of them. */
async function roll(stack: Stack, keys: string[], check: () => Promise<void>) {
  for (const index of stack.servers.keys()) {
    await stack.restartServer(index, { TOKEN_KEYS: keys.join(',') })
    await check()
  }
}

it('a key is replaced without a session, a token or a quote being refused early', {
  timeout: 300_000,
}, async () => {
  const stack = await kit.stack({ servers: 2, workers: 0, env: { TOKEN_KEYS: OLD } })
  const [first = '', second = ''] = stack.servers.map(({ url }) => url)
  const urls = [first, second]
  const [before, idle, racing] = await Promise.all(
    ['before', 'idle', 'racing'].map((name) => register(first, `${name}@rotation.test`)),
  )
  if (!before || !idle || !racing) throw new Error('nobody could register')
  await agreeByApi(new Api(first, before.accessToken))
  const quotes = [await quote(first, before.accessToken), await quote(second, before.accessToken)]

  /** Every server knows every token that any server has issued. */
  const tokens = [before.accessToken]
  const check = async () => {
    for (const url of urls)
      tokens.push((await register(url, `${tokens.length}@rotation.test`)).accessToken)
    for (const url of urls)
      for (const token of tokens) expect(await isKnown(url, token)).not.toBeNull()
  }
  await roll(stack, [OLD, NEW], check)
  expect(tokens.map(kidOf)).toEqual(tokens.map(() => 'old'))

  await stack.restartServer(0, { TOKEN_KEYS: `${NEW},${OLD}` })
  await check()
  // Two tabs that race, at servers that sign with different keys, end up with the same token.
  const [renewed, again] = [
    await refresh(first, racing.refreshToken),
    await refresh(second, racing.refreshToken),
  ]
  expect(again.refreshToken).toBe(renewed.refreshToken)
  await stack.restartServer(1, { TOKEN_KEYS: `${NEW},${OLD}` })
  await check()
  expect(kidOf(tokens.at(-1) ?? '')).toBe('new')
  const api = (url: string) => new Api(url, before.accessToken)
  const promised = await predict(api(second), bioAge(), { quote: quotes[0] ?? '' })
  expect(promised.prediction.status).toBe('QUEUED')

  await roll(stack, [NEW], async () => {})
  for (const url of urls) {
    const refused = await new Api(url, before.accessToken).ask(PREDICT, {
      input: bioAge(),
      run: { idempotencyKey: 'refused' },
    })
    expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(await isKnown(url, tokens.at(-1) ?? '')).not.toBeNull()
  }

  // No session has ended: a client renews by itself, with a refresh token of the old days.
  const presage = createPresage({ url: `${first}/graphql`, webSocketImpl: WebSocket })
  onTestFinished(() => presage.close())
  await presage.setTokens(idle)
  expect((await presage.wallet()).available).toBe(50)
  expect((await refresh(second, renewed.refreshToken)).accessToken).toBeDefined()
  // What was quoted is quoted anew, and nothing is charged until the caller agrees.
  const fresh = await refresh(first, before.refreshToken)
  const late = await predict(new Api(first, fresh.accessToken), bioAge(), {
    quote: quotes[1] ?? '',
  })
  expect([late.__typename, late.current?.price]).toEqual(['QuoteError', 1])
})
