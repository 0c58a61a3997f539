import {
  type Accepted,
  type ApiKey,
  type ConflictError,
  createPresage,
  type Event,
  graphql,
  type InsufficientFundsError,
  type InvalidInputError,
  type PredictInput,
  type Prediction,
  type PredictionStatus,
} from '@presage/client'
import { describe, expectTypeOf, it } from 'vitest'

// Checked by `pnpm types`; nothing here runs.

const presage = createPresage({ url: 'http://127.0.0.1:4000/graphql' })

const features = {
  age: 50,
  sex: 'FEMALE',
  albumin: { value: 42, unit: 'G_PER_L' },
  creatinine: { value: 0.9 },
  glucose: { value: 90 },
  crp: { value: 3, unit: 'MG_PER_L' },
  lymphocytes: { value: 30 },
  mcv: 90,
  rdw: 13,
  alp: { value: 65 },
  wbc: { value: 6 },
} as const

describe('the input of a prediction', () => {
  it('names a model on sale, its variant and its features', () => {
    expectTypeOf({ bioAge: { features } }).toExtend<PredictInput>()
    expectTypeOf({ bioAge: { variant: 'NETWORK', features } } as const).toExtend<PredictInput>()
  })

  it('refuses what the schema does not know', () => {
    // @ts-expect-error no such model
    presage.predict({ bioYear: { features } })
    // @ts-expect-error no such model beside one that there is
    presage.predict({ bioAge: { features }, bioYear: { features } })
    // @ts-expect-error no such variant
    presage.predict({ bioAge: { variant: 'ORACLE', features } })
    // @ts-expect-error no such feature
    presage.predict({ bioAge: { features: { ...features, mood: 1 } } })
    // @ts-expect-error a unit of another feature
    presage.predict({ bioAge: { features: { ...features, crp: { value: 3, unit: 'G_PER_L' } } } })
    // @ts-expect-error a number where a value with its unit is wanted
    presage.predict({ bioAge: { features: { ...features, albumin: 4.2 } } })
    // @ts-expect-error a needed feature is missing
    presage.predict({ bioAge: { features: { age: 50 } } })
    // @ts-expect-error no model at all
    presage.predict({})
  })
})

describe('what comes back', () => {
  it('is the accepted prediction, never a union with errors', () => {
    expectTypeOf(presage.predict).returns.resolves.toEqualTypeOf<Accepted>()
    expectTypeOf<Accepted['replayed']>().toEqualTypeOf<boolean>()
    expectTypeOf<Accepted['wallet']['available']>().toEqualTypeOf<number>()
  })

  it('has the statuses and outputs of the schema', () => {
    expectTypeOf<PredictionStatus>().toEqualTypeOf<
      'DRAFT' | 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELED'
    >()
    type Output = NonNullable<Prediction['output']>
    type Regression = Extract<Output, { __typename: 'RegressionOutput' }>
    expectTypeOf<Regression['value']>().toEqualTypeOf<number>()
    expectTypeOf<Regression['low']>().toEqualTypeOf<number | null>()
    // @ts-expect-error which kind of output it is must be asked first
    ;(output: Output) => output.value
  })

  it('comes as async iterables of exact types', () => {
    expectTypeOf(presage.run({ bioAge: { features } }).next).returns.resolves.toEqualTypeOf<
      IteratorResult<Prediction, undefined>
    >()
    expectTypeOf(presage.subscribe.events().next).returns.resolves.toEqualTypeOf<
      IteratorResult<Event, undefined>
    >()
    expectTypeOf<Event['__typename']>().toEqualTypeOf<
      'FeedOpened' | 'PredictionChanged' | 'WalletChanged'
    >()
  })

  it('is thrown with the fields of its error', () => {
    expectTypeOf<InsufficientFundsError['required']>().toEqualTypeOf<number>()
    expectTypeOf<InvalidInputError['issues'][number]['max']>().toEqualTypeOf<number | null>()
    expectTypeOf<ConflictError['prediction']['revision']>().toEqualTypeOf<number>()
  })
})

describe('any other document', () => {
  const models = graphql(`query Names { models { name variants { price } } }`)
  const model = graphql(`query Named($name: String!) { model(name: $name) { title } }`)

  it('is typed by the schema', () => {
    expectTypeOf(presage.request(models, {})).resolves.toEqualTypeOf<{
      models: { name: string; variants: { price: number }[] }[]
    }>()
    expectTypeOf(presage.request(model, { name: 'bio-age' })).resolves.toEqualTypeOf<{
      model: { title: string } | null
    }>()
    // @ts-expect-error the variable has another type
    presage.request(model, { name: 1 })
    // @ts-expect-error a variable is missing
    presage.request(model, {})
  })
})

describe('an API key', () => {
  it('has a name and scopes of the schema, and says its secret once', () => {
    const made = presage.apiKeys.create({ name: 'k', scopes: ['PREDICT', 'LOG'] })
    expectTypeOf(made).resolves.toEqualTypeOf<{ apiKey: ApiKey; secret: string }>()
    expectTypeOf<ApiKey>().not.toHaveProperty('secret')
    // @ts-expect-error no such scope
    presage.apiKeys.create({ name: 'k', scopes: ['ADMIN'] })
    // @ts-expect-error without scopes
    presage.apiKeys.create({ name: 'k' })
  })
})
