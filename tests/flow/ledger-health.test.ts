import { randomUUID } from 'node:crypto'
import { predict } from '@presage/domain/predictions/predict'
import { ledgerHealth } from '@presage/domain/wallet/ledger-health'
import { expect, it, onTestFinished } from 'vitest'
import { behindTheirBack } from '../kit/behind-their-back.js'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'

const kit = await openKit()
const domain = kit.domain()
const [alice, bob] = [await kit.user({ balance: 20 }), await kit.user({ balance: 5 })]

const buy = () =>
  predict(
    domain,
    alice,
    { model: 'toll', variant: 'three', features: { n: 1 } },
    { idempotencyKey: randomUUID(), explain: false, waitMs: 0 },
  )

// One of each, so that none of the sums is 0.
const [won, lost, open] = [await buy(), await buy(), await buy()]
await domain.closings.submit(closingOf(won.prediction.id, 'succeed'))
await domain.closings.submit(closingOf(lost.prediction.id, 'fail'))

const BALANCED = {
  ...{ balanced: true, walletsOff: 0, trialBalance: 0n, held: 3n, openHolds: 3n },
  ...{ reserved: 9n, captured: 3n, released: 3n, openPredictions: 1 },
}

/** Of a user who has no wallet, so that no wallet is off. */
const NOBODY = randomUUID()

const strayTransfer = (kind: string, debit: string, credit: string) =>
  `INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount, available_after,
     prediction_id, created_at)
   VALUES ('${NOBODY}', 1, '${kind}', '${debit}', '${credit}', 1, 0, 0,
     ${kind === 'HOLD' ? `'${randomUUID()}'` : 'NULL'}, now())`

const strayHold = strayTransfer('HOLD', 'AVAILABLE', 'HELD')

const raise = ({ userId }: { userId: string }, credits: number) =>
  `UPDATE wallets SET balance = balance + ${credits} WHERE user_id = '${userId}'`

const price = (change: number) =>
  `UPDATE predictions SET price = price + ${change}, held_balance = held_balance + ${change}
   WHERE id = '${open.prediction.id}'`

/** Does damage for the time of one test. */
async function damaged(damage: readonly string[], repair: readonly string[]): Promise<void> {
  expect(await ledgerHealth(domain)).toEqual(BALANCED)
  const strays = `DELETE FROM transfers WHERE user_id = '${NOBODY}'`
  onTestFinished(() => behindTheirBack(kit.db.pool, ...repair, strays))
  await behindTheirBack(kit.db.pool, ...damage)
}

// Each damage breaks one check and leaves the other three: `off` is all that differs.
it.each([
  {
    fault: 'credits of one wallet are in another',
    damage: [raise(alice, 1), raise(bob, -1)],
    repair: [raise(alice, -1), raise(bob, 1)],
    off: { walletsOff: 2 },
  },
  {
    fault: 'credits were brought in that no wallet has',
    damage: [strayTransfer('TOP_UP', 'TOP_UPS', 'AVAILABLE')],
    off: { trialBalance: -1n },
  },
  {
    fault: 'less is held than open predictions cost',
    damage: [price(1), strayHold],
    repair: [price(-1)],
    off: { openHolds: 4n, reserved: 10n },
  },
  {
    fault: 'a hold was neither captured nor released, and is not open',
    damage: [strayHold],
    off: { reserved: 10n },
  },
])('the books are not balanced when $fault', async ({ damage, repair = [], off }) => {
  await damaged(damage, repair)
  expect(await ledgerHealth(domain)).toEqual({ ...BALANCED, balanced: false, ...off })
})

it('the books are not balanced when an open prediction costs more than was held for it', async () => {
  await damaged([price(1)], [price(-1)])
  expect(await ledgerHealth(domain)).toEqual({ ...BALANCED, balanced: false, openHolds: 4n })
})
