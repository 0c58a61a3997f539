import { describe, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { FEATURES } from '../kit/blood.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  type IssueView,
  PREDICT,
  type PredictView,
  predict,
  readPrediction,
  readWallet,
} from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack()

/** Longer than any prediction takes, so that the answer is the finished one. */
const waitMs = 30_000

const someone = async (balance = 20): Promise<Api> => stack.api(await kit.user({ balance }))

const FORGED_HEADER = Buffer.from('{"alg":"HS256","typ":"JWT","kid":"test"}').toString('base64url')

interface QuoteView {
  __typename: string
  id: string
  price: number
  available: number
  issues?: IssueView[]
}

const quote = (api: Api, input: unknown) =>
  api.field<QuoteView>(
    `query ($input: PredictInput!) {
      quote(input: $input) {
        __typename
        ... on Quote { id price available expiresAt }
        ... on InvalidInputError { issues { path } }
      }
    }`,
    { input },
  )

describe('a prediction', () => {
  it('goes from quote to result, is paid for, and is then found', async () => {
    const alice = await someone(10)
    const promised = await quote(alice, bioAge('NETWORK'))
    expect(promised).toMatchObject({ __typename: 'Quote', price: 3, available: 10 })
    const run = { waitMs, explain: false, quote: promised.id }
    const answer = await predict(alice, bioAge('NETWORK'), run)
    expect(answer).toMatchObject({
      __typename: 'PredictPayload',
      replayed: false,
      prediction: {
        status: 'SUCCEEDED',
        charge: { price: 3, held: 0, captured: 3, released: 0 },
        output: { unit: 'years' },
        explanation: null,
        failure: null,
      },
      wallet: { available: 7, held: 0 },
    })
    const found = await readPrediction(alice, answer.prediction.id)
    expect(found).toEqual({ ...answer.prediction, queue: null })
    expect(await readWallet(alice)).toMatchObject({ available: 7, held: 0 })
  })

  it('explains itself when asked to, down to the last year', async () => {
    const { prediction } = await predict(await someone(), bioAge(), { waitMs, explain: true })
    const { output, explanation } = prediction
    const sum = explanation?.contributions.reduce((all, it) => all + it.contribution, 0) ?? 0
    expect((explanation?.baseline ?? 0) + sum).toBeCloseTo(output?.value ?? Number.NaN, 6)
  })

  it.each([
    [
      'NETWORK' as const,
      expect.stringMatching(/^90 % of people with such blood are aged \d\d to \d\d\.$/),
    ],
    ['PHENOAGE' as const, null],
  ])('says its interval in words where the card states one: %s', async (variant, interval) => {
    const alice = await someone()
    const { prediction } = await predict(alice, bioAge(variant), { waitMs })
    const found = await alice.field(
      'query ($id: ID!) { prediction(id: $id) { output { ... on RegressionOutput { interval } } } }',
      { id: prediction.id },
    )
    expect(found).toEqual({ output: { interval } })
  })

  it.each(['a\0b', 'a\ud800b'])('is not paid for by a key that no table takes: %j', async (key) => {
    const alice = await someone()
    const run = { idempotencyKey: key }
    const asVariable = await alice.ask(PREDICT, { input: bioAge(), run })
    const literal = `run: { idempotencyKey: ${JSON.stringify(key)} }`
    const asLiteral = await alice.ask(
      `mutation ($input: PredictInput!) { predict(input: $input, ${literal}) { __typename } }`,
      { input: bioAge() },
    )
    const extensionsOf = ({ errors }: typeof asVariable) => errors?.map((each) => each.extensions)
    expect(extensionsOf(asVariable)).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['run', 'idempotencyKey'] },
    ])
    // GraphQL's own parser refuses half of a pair.
    const code = key.includes('\0') ? 'BAD_USER_INPUT' : 'GRAPHQL_PARSE_FAILED'
    expect(extensionsOf(asLiteral)).toMatchObject([{ code }])
    expect(await readWallet(alice)).toMatchObject({ available: 20, held: 0 })
  })

  it('shows its input so that it can be sent again', async () => {
    const alice = await someone()
    const { prediction } = await predict(alice)
    const input = { bioAge: { variant: 'PHENOAGE', features: prediction.input } }
    const again = await predict(alice, input)
    expect(again).toMatchObject({ replayed: false, prediction: { input: prediction.input } })
  })

  it('answers at once when it is not told to wait, with the credits held', async () => {
    const alice = await someone(5)
    const answer = await predict(alice)
    expect(answer.prediction).toMatchObject({ status: 'QUEUED', output: null })
    expect(answer.prediction.charge).toEqual({ price: 1, held: 1, captured: 0, released: 0 })
    expect(answer.wallet).toEqual({ available: 4, balance: 4, bonus: 0, held: 1 })
    await expect
      .poll(() => readPrediction(alice, answer.prediction.id))
      .toMatchObject({ status: 'SUCCEEDED', charge: { captured: 1 } })
  })

  it('is not paid for twice under one key, and the key is good for nothing else', async () => {
    const alice = await someone(10)
    const first = await predict(alice, bioAge(), { idempotencyKey: 'k', waitMs })
    const again = await predict(alice, bioAge(), { idempotencyKey: 'k' })
    expect(again).toMatchObject({ replayed: true, prediction: first.prediction })
    const other = await predict(alice, bioAge('PHENOAGE', { age: 51 }), { idempotencyKey: 'k' })
    expect(other).toMatchObject({
      __typename: 'IdempotencyConflictError',
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(await readWallet(alice)).toMatchObject({ available: 9, held: 0 })
  })

  it('that money does not suffice for tells how much is needed and there', async () => {
    const alice = await someone(2)
    expect(await predict(alice, bioAge('NETWORK'))).toMatchObject({
      __typename: 'InsufficientFundsError',
      ...{ code: 'INSUFFICIENT_FUNDS', required: 3, available: 2 },
    })
    expect(await readWallet(alice)).toMatchObject({ available: 2, held: 0 })
  })
})

describe('a quote', () => {
  it.each([
    ['for another input', () => bioAge('PHENOAGE', { age: 51 })],
    ['for another variant', () => bioAge('NETWORK')],
  ])('%s is refused together with the one that fits', async (_what, input) => {
    const alice = await someone()
    const { id } = await quote(alice, bioAge())
    const answer = await predict(alice, input(), { quote: id })
    expect(answer).toMatchObject({ __typename: 'QuoteError' })
    const fitting = await predict(alice, input(), { quote: answer.current?.id ?? '' })
    expect(fitting.__typename).toBe('PredictPayload')
  })

  it('of another caller is refused', async () => {
    const [alice, bob] = [await someone(), await someone()]
    const { id } = await quote(alice, bioAge())
    expect((await predict(bob, bioAge(), { quote: id })).__typename).toBe('QuoteError')
  })

  // The second names a key and an algorithm, and claims what is no JSON.
  it.each(['free of charge', `${FORGED_HEADER}.bm90IEpTT04.c2lnbmVk`])(
    'that was never given is refused: %s',
    async (never) => {
      const answer = await predict(await someone(), bioAge(), { quote: never })
      expect(answer.__typename).toBe('QuoteError')
    },
  )
})

describe('the units of a value', () => {
  const answerTo = async (changes: Record<string, unknown>): Promise<PredictView> =>
    predict(await someone(), bioAge('PHENOAGE', changes), { waitMs })

  it.each([
    ['albumin', { value: 42, unit: 'G_PER_L' }],
    ['crp', { value: 3, unit: 'MG_PER_L' }],
    ['creatinine', { value: 79.56153, unit: 'UMOL_PER_L' }],
    ['glucose', { value: 4.995, unit: 'MMOL_PER_L' }],
  ])('lead to the same age: %s', async (name, quantity) => {
    const [usual, other] = [await answerTo({}), await answerTo({ [name]: quantity })]
    expect(other.prediction.output?.value).toBeCloseTo(usual.prediction.output?.value ?? 0, 4)
    expect(other.prediction.input[name]).toEqual(quantity)
  })

  it('are asked for when the value makes sense only in another', async () => {
    const answer = await answerTo({ albumin: { value: 42 } })
    expect(answer.__typename).toBe('InvalidInputError')
    expect(answer.issues).toMatchObject([
      { path: ['albumin'], unit: 'g/dL', min: 1, max: 7, choices: null },
    ])
    expect(answer.issues?.[0]?.message).toContain('G_PER_L')
  })

  it('are those of the range that is told', async () => {
    const answer = await answerTo({ albumin: { value: 4.2, unit: 'G_PER_L' } })
    expect(answer.issues).toMatchObject([{ path: ['albumin'], unit: 'g/L', min: 10, max: 70 }])
  })
})

describe('a bad input', () => {
  it('is refused with every fault at once, before any money is held', async () => {
    const alice = await someone(5)
    const changes = { albumin: { value: 900 }, mcv: 3, crp: { value: -1 } }
    const answer = await predict(alice, bioAge('PHENOAGE', changes), { idempotencyKey: 'k' })
    expect(answer).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
    expect(answer.issues?.map(({ path }) => path.join('.')).sort()).toEqual([
      ...['albumin', 'crp', 'mcv'],
    ])
    for (const issue of answer.issues ?? [])
      expect(issue).toMatchObject({
        ...{ unit: expect.any(String), min: expect.any(Number), max: expect.any(Number) },
      })
    expect(await readWallet(alice)).toEqual({ available: 5, balance: 5, bonus: 0, held: 0 })
    const better = await predict(alice, bioAge(), { idempotencyKey: 'k' })
    expect(better).toMatchObject({ __typename: 'PredictPayload', replayed: false })
  })

  it('without what the variant needs names it', async () => {
    const answer = await predict(await someone(), bioAge('PHENOAGE', { age: undefined }))
    expect(answer.issues).toMatchObject([{ path: ['age'], unit: 'years', min: 18, max: 110 }])
  })

  it('of the run is refused like one of the features', async () => {
    const run = { idempotencyKey: '', waitMs: 30_001, deadline: '2020-01-01T00:00:00Z' }
    const answer = await predict(await someone(), bioAge(), run)
    expect(answer.issues?.map(({ path }) => path.join('.'))).toEqual([
      ...['run.idempotencyKey', 'run.waitMs', 'run.deadline'],
    ])
  })

  const refused = async (query: string, variables: Record<string, unknown>) => {
    const { data, errors, status } = await (await someone()).ask(query, variables)
    expect([data ?? null, status < 500]).toEqual([null, true])
    return errors?.map(({ extensions }) => extensions)
  }

  const withFeatures = (features: Record<string, unknown>) => ({
    input: { bioAge: { features } },
    run: { idempotencyKey: 'k' },
  })

  it.each([
    ['misses a feature', { albumin: undefined }, 'albumin', { unit: 'g/dL', min: 1, max: 7 }],
    ['has a text for a number', { mcv: 'big' }, 'mcv', { unit: 'fL', min: 50, max: 140 }],
    ['has a number for a quantity', { crp: 3 }, 'crp', { unit: 'mg/dL' }],
    [
      'has an unknown unit',
      { crp: { value: 1, unit: 'PINT' } },
      'crp.unit',
      { choices: ['MG_PER_DL', 'MG_PER_L'] },
    ],
    ['has an unknown choice', { sex: 'BLUE' }, 'sex', { choices: ['FEMALE', 'MALE'] }],
    ['has an unknown feature', { mood: 1 }, 'mood', {}],
  ])('that %s is refused by GraphQL with where and what', async (_what, changes, path, wanted) => {
    const faults = await refused(PREDICT, withFeatures({ ...FEATURES, ...changes }))
    expect(faults).toEqual([
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        path: ['input', 'bioAge', 'features', ...path.split('.')],
        ...wanted,
      }),
    ])
  })

  it('of which everything is wrong hears of all of it', async () => {
    const faults = await refused(PREDICT, withFeatures({ sex: 'BLUE', mcv: 'big' }))
    const paths = faults?.map(({ path }) => (path as string[]).at(-1)).sort()
    const required = ['albumin', 'alp', 'creatinine', 'crp', 'glucose', 'lymphocytes', 'rdw', 'wbc']
    expect(paths).toEqual([...required, 'mcv', 'sex'].sort())
  })

  it('written into the query is refused alike', async () => {
    const query = `mutation {
      predict(
        input: { bioAge: { features: { sex: FEMALE, mcv: "big" } } }
        run: { idempotencyKey: "k" }
      ) { __typename }
    }`
    expect(await refused(query, {})).toContainEqual(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        path: ['input', 'bioAge', 'features', 'mcv'],
        unit: 'fL',
      }),
    )
  })

  it.each([
    ['no model', {}],
    ['two models', { bioAge: { features: FEATURES }, other: { features: {} } }],
    ['an unknown model', { crystalBall: { features: {} } }],
  ])('that names %s is refused as bad input', async (_what, input) => {
    const faults = await refused(PREDICT, { input, run: { idempotencyKey: 'k' } })
    expect(faults?.map(({ code }) => code)).toContain('BAD_USER_INPUT')
  })
})

describe('without a session', () => {
  it.each([undefined, 'nonsense', `${FORGED_HEADER}.bm90IEpTT04.c2lnbmVk`])(
    'nothing is predicted: %s',
    async (accessToken) => {
      const variables = { input: bioAge(), run: { idempotencyKey: 'k' } }
      const caller = stack.api(accessToken ? { accessToken } : undefined)
      const { errors } = await caller.ask(PREDICT, variables)
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
    },
  )
})
