import { describe, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  cancel,
  PREDICTION,
  type PredictView,
  readPrediction,
  readWallet,
  runDraft,
} from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack()
const someone = async (balance = 20): Promise<Api> => stack.api(await kit.user({ balance }))

interface DraftView extends PredictView {
  quote: { id: string; price: number }
}

const DRAFTED = `
  __typename
  ... on DraftPayload { prediction { ${PREDICTION} } quote { id price } }
  ... on Error { code message }
  ... on InvalidInputError { issues { path message unit min max choices } }
  ... on ConflictError { prediction { ${PREDICTION} } }`

const createDraft = (api: Api, input: unknown) =>
  api.field<DraftView>(
    `mutation ($input: PredictInput!) { createDraft(input: $input) { ${DRAFTED} } }`,
    { input },
  )

const updateDraft = (api: Api, id: string, revision: number, input: unknown) =>
  api.field<DraftView>(
    `mutation ($id: ID!, $revision: Int!, $input: PredictInput!) {
      updateDraft(id: $id, revision: $revision, input: $input) { ${DRAFTED} }
    }`,
    { id, revision, input },
  )

describe('a draft', () => {
  it('is complete and costs nothing until it is run', async () => {
    const alice = await someone()
    const { prediction, quote } = await createDraft(alice, bioAge('NETWORK'))
    expect(prediction).toMatchObject({ status: 'DRAFT', revision: 1 })
    expect(prediction.charge).toEqual({ price: 3, held: 0, captured: 0, released: 0 })
    expect(quote.price).toBe(3)
    expect(await readWallet(alice)).toMatchObject({ available: 20, held: 0 })
    const run = { waitMs: 30_000, quote: quote.id }
    const answer = await runDraft(alice, prediction.id, run)
    expect(answer).toMatchObject({
      replayed: false,
      prediction: { id: prediction.id, status: 'SUCCEEDED', charge: { captured: 3 } },
      wallet: { available: 17, held: 0 },
    })
  })

  it('runs with the input it was changed to, at that input’s price', async () => {
    const alice = await someone()
    const { prediction } = await createDraft(alice, bioAge('NETWORK'))
    const changed = await updateDraft(alice, prediction.id, 1, bioAge('PHENOAGE', { age: 60 }))
    expect(changed.prediction).toMatchObject({ revision: 2, input: { age: 60 } })
    expect(changed.quote.price).toBe(1)
    const { prediction: done } = await runDraft(alice, prediction.id, { waitMs: 30_000 })
    expect(done).toMatchObject({ input: { age: 60 }, charge: { captured: 1 } })
  })

  it('is changed by one of two who saw the same revision; the other is shown how it stands', async () => {
    const alice = await someone()
    const { prediction } = await createDraft(alice, bioAge())
    const both = await Promise.all(
      [61, 62].map((age) => updateDraft(alice, prediction.id, 1, bioAge('PHENOAGE', { age }))),
    )
    const won = both.find((it) => it.__typename === 'DraftPayload')
    const lost = both.find((it) => it.__typename === 'ConflictError')
    expect(lost?.prediction).toEqual(won?.prediction)
    expect(won?.prediction.revision).toBe(2)
  })

  it('is not changed once it has run', async () => {
    const alice = await someone()
    const { prediction } = await createDraft(alice, bioAge())
    await runDraft(alice, prediction.id, { waitMs: 30_000 })
    const late = await updateDraft(alice, prediction.id, 2, bioAge())
    expect(late).toMatchObject({ __typename: 'ConflictError', prediction: { status: 'SUCCEEDED' } })
  })

  it('runs once: the same key is told the same, another key conflicts', async () => {
    const alice = await someone()
    const { prediction } = await createDraft(alice, bioAge())
    const keys = ['a', 'a', 'b', 'b']
    const answers = await Promise.all(
      keys.map((idempotencyKey) => runDraft(alice, prediction.id, { idempotencyKey })),
    )
    const kinds = answers.map(({ __typename }) => __typename).sort()
    expect(kinds).toEqual([
      ...['ConflictError', 'ConflictError'],
      'PredictPayload',
      'PredictPayload',
    ])
    expect(answers.filter(({ replayed }) => replayed === true)).toHaveLength(1)
    const { available, held } = await readWallet(alice)
    expect([available, held === 0 || held === 1]).toEqual([19, true])
  })

  it('is refused when it is not valid', async () => {
    const alice = await someone()
    const answer = await createDraft(alice, bioAge('PHENOAGE', { age: 7 }))
    expect(answer.issues).toMatchObject([{ path: ['age'], unit: 'years', min: 18, max: 110 }])
    const { prediction } = await createDraft(alice, bioAge())
    const worse = await updateDraft(alice, prediction.id, 1, bioAge('PHENOAGE', { age: 7 }))
    expect(worse.__typename).toBe('InvalidInputError')
    expect(await readPrediction(alice, prediction.id)).toMatchObject({ revision: 1 })
  })

  it('stays a draft when there is no money to run it', async () => {
    const alice = await someone(0)
    const { prediction } = await createDraft(alice, bioAge())
    expect((await runDraft(alice, prediction.id)).__typename).toBe('InsufficientFundsError')
    expect(await readPrediction(alice, prediction.id)).toMatchObject({ status: 'DRAFT' })
  })

  it('is given up without any movement of credits', async () => {
    const alice = await someone()
    const { prediction } = await createDraft(alice, bioAge())
    const answer = await cancel(alice, prediction.id)
    expect(answer).toMatchObject({
      prediction: { status: 'CANCELED', charge: { held: 0, captured: 0, released: 0 } },
      wallet: { available: 20, held: 0 },
    })
    expect((await runDraft(alice, prediction.id)).__typename).toBe('ConflictError')
  })

  it('is nobody else’s', async () => {
    const [alice, mallory] = [await someone(), await someone()]
    const { prediction } = await createDraft(alice, bioAge())
    for (const answer of [
      await updateDraft(mallory, prediction.id, 1, bioAge()),
      await runDraft(mallory, prediction.id),
      await cancel(mallory, prediction.id),
    ])
      expect(answer.__typename).toBe('NotFoundError')
    expect(await readPrediction(alice, prediction.id)).toMatchObject({ status: 'DRAFT' })
  })
})
