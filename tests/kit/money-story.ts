import { SPENDING_PERIODS } from '@presage/domain/identity/spending-cap-error'
import type { SpendingCap } from '@presage/domain/identity/spending-caps'
import fc from 'fast-check'
import { PASSING } from './pass-days.js'
import type { TestVariant } from './test-catalogue.js'

/**
 * One thing that somebody does. Numbers choose among what there is at that moment: `server` through
 * whose lanes, `user` whose money, `which` of the predictions and drafts.
 */
export type Step = { server: number } & (
  | { does: 'predict'; user: number; variant: TestVariant; n: number; key: string }
  | { does: 'predictMany'; user: number; items: BulkItems; allOrNothing: boolean; key: string }
  | { does: 'draft'; user: number; variant: TestVariant }
  | { does: 'runDraft'; which: number; key: string }
  | { does: Change; which: number }
  | { does: MoveKind; user: number; amount: number; key: string }
  | { does: 'passDays'; user: number; days: (typeof PASSING)[number] }
)

/** Of each item its variant and its number; a negative one is refused. */
export type BulkItems = { variant: TestVariant; n: number }[]
/** What happens to a prediction; past its deadline it has `lapsed`, whoever ends it then. */
export type Change = 'start' | 'lapse' | 'succeed' | 'fail' | 'expire' | 'cancel'

export type MoveKind = 'TOP_UP' | 'BONUS' | 'WITHDRAWAL' | 'ADJUSTMENT'

export interface Story {
  /** Each acts by a session and by an API key, which may spend so much a day, a month and in all. */
  users: { balance: number; bonus: number; caps: SpendingCap[] }[]
  /** One after another; the steps of a round all at once. */
  rounds: Step[][]
}

const which = fc.nat(999)
const user = fc.nat(999)
const server = fc.nat(1)
const variant = fc.constantFrom<TestVariant>('free', 'one', 'three', 'seven')
/** Few enough that calls meet on one, and sometimes one that nobody else uses. */
const key = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.uuid())

const predicting = fc.record({
  ...{ server, user, variant, key },
  does: fc.constant('predict' as const),
  n: fc.nat(1),
})

const predictingMany = fc.record({
  ...{ server, user, key },
  does: fc.constant('predictMany' as const),
  items: fc.array(fc.record({ variant, n: fc.integer({ min: -1, max: 1 }) }), {
    ...{ minLength: 1, maxLength: 5 },
  }),
  allOrNothing: fc.boolean(),
})

const drafting = fc.record({ server, user, variant, does: fc.constant('draft' as const) })

const running = fc.record({ server, which, key, does: fc.constant('runDraft' as const) })

const changing = fc.record({
  ...{ server, which },
  does: fc.constantFrom<Change>('start', 'lapse', 'succeed', 'fail', 'expire', 'cancel'),
})

const moving = fc.record({
  ...{ server, user, key },
  does: fc.constantFrom<MoveKind>('TOP_UP', 'BONUS', 'WITHDRAWAL', 'ADJUSTMENT'),
  amount: fc.integer({ min: 1, max: 9 }),
})

const passing = fc.record({
  ...{ server, user },
  does: fc.constant('passDays' as const),
  days: fc.constantFrom(...PASSING),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: predicting },
  { weight: 4, arbitrary: predictingMany },
  { weight: 1, arbitrary: drafting },
  { weight: 2, arbitrary: running },
  { weight: 8, arbitrary: changing },
  { weight: 2, arbitrary: moving },
  { weight: 1, arbitrary: passing },
)

/** Some of the periods, each with about as much as the wallet has. */
const caps: fc.Arbitrary<SpendingCap[]> = fc
  .subarray([...SPENDING_PERIODS])
  .chain((periods) =>
    fc.tuple(...periods.map((period) => fc.nat(25).map((credits) => ({ period, credits })))),
  )

/** Stories of at least and at most so many users, who have just too little money. */
export const storyOf = (minLength: number, maxLength: number): fc.Arbitrary<Story> =>
  fc.record({
    users: fc.array(fc.record({ balance: fc.nat(20), bonus: fc.nat(10), caps }), {
      minLength,
      maxLength,
    }),
    rounds: fc.array(fc.array(step, { minLength: 1, maxLength: 16 }), {
      minLength: 1,
      maxLength: 8,
    }),
  })
