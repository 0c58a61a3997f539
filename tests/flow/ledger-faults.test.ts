import { randomUUID } from 'node:crypto'
import { predict } from '@presage/domain/predictions/predict'
import type { Viewer } from '@presage/domain/viewer'
import { expect, it } from 'vitest'
import { behindTheirBack } from '../kit/behind-their-back.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { keyViewer } from '../kit/key-viewer.js'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'
import type { TestVariant } from '../kit/test-catalogue.js'

const kit = await openKit()
const domain = kit.domain()

async function bought(viewer: Viewer, variant: TestVariant): Promise<string> {
  const request = { model: 'toll', variant, features: { n: 1 } }
  const run = { idempotencyKey: randomUUID(), explain: false, waitMs: 0 }
  return (await predict(domain, viewer, request, run)).prediction.id
}

/** The books of a user with a prediction of each end, one of them by an API key. */
async function books() {
  const user = await kit.user({ balance: 20 })
  const key = await keyViewer(domain, user, [{ period: 'TOTAL', credits: 20 }])
  const won = await bought(key, 'three')
  const lost = await bought(user, 'three')
  await domain.closings.submit(closingOf(won, 'succeed'))
  await domain.closings.submit(closingOf(lost, 'fail'))
  const open = await bought(user, 'one')
  const faults = async () =>
    (await ledgerFaults(domain, [user.userId])).filter((fault) => !fault.startsWith('the ledger'))
  return { userId: user.userId, keyId: key.sessionId, won, lost, open, faults }
}

type Books = Awaited<ReturnType<typeof books>>

const transfer = ({ userId }: Books, kind: string, change: string) =>
  `UPDATE transfers SET ${change} WHERE user_id = '${userId}' AND kind = '${kind}'`

it.each<{ fault: RegExp; damage: (of: Books) => string }>([
  {
    fault: /^event \d+ of the log is numbered \d+$/,
    damage: ({ userId }) => `DELETE FROM events WHERE user_id = '${userId}' AND seq = 1`,
  },
  {
    fault: /^event \d+ is older than \d+$/,
    damage: ({ userId }) =>
      `UPDATE events SET occurred_at = occurred_at - interval '1 hour'
       WHERE user_id = '${userId}' AND seq = 3`,
  },
  {
    fault: /^the wallet is at \d+, its log at \d+$/,
    damage: ({ userId }) => `UPDATE wallets SET seq = seq + 1 WHERE user_id = '${userId}'`,
  },
  {
    fault: /^transfer \d+ is not in the log$/,
    damage: (of) => transfer(of, 'CAPTURE', `seq = 1000`),
  },
  {
    fault: /^(balance|bonus) was -\d+ after transfer \d+$/,
    damage: (of) => transfer(of, 'TOP_UP', 'amount = 1'),
  },
  {
    fault: /^transfer \d+ says that \d+ was left, not \d+$/,
    damage: (of) => transfer(of, 'RELEASE', 'available_after = available_after + 1'),
  },
  {
    fault: /^the wallet's balance is \d+, its transfers sum to \d+$/,
    damage: ({ userId }) => `UPDATE wallets SET balance = balance + 1 WHERE user_id = '${userId}'`,
  },
  {
    fault: /^the wallet counts 2 open predictions, there are 1$/,
    damage: ({ userId }) => `UPDATE wallets SET open_predictions = 2 WHERE user_id = '${userId}'`,
  },
  {
    fault: /^key \S+ counts 3,3,4 as spent, it is 3,3,3$/,
    damage: ({ keyId }) =>
      `UPDATE api_key_spending SET total_spent = total_spent + 1 WHERE key_id = '${keyId}'`,
  },
  {
    fault: /^a SUCCEEDED prediction has the transfers \[HOLD 3 \(0 bonus\)\], not \[HOLD 3/,
    damage: ({ won }) =>
      `DELETE FROM transfers WHERE prediction_id = '${won}' AND kind = 'CAPTURE'`,
  },
  {
    fault: /^a QUEUED prediction has the transfers \[RELEASE 3 \(0 bonus\),HOLD 1/,
    damage: ({ lost, open }) =>
      `UPDATE transfers SET prediction_id = '${open}'
       WHERE prediction_id = '${lost}' AND kind = 'RELEASE'`,
  },
  {
    fault: /^a prediction due by \S+ succeeded at \S+$/,
    damage: ({ won }) => `UPDATE predictions SET deadline = finished_at WHERE id = '${won}'`,
  },
  {
    fault: /^a FAILED prediction has the events null→QUEUED,RUNNING→FAILED$/,
    damage: ({ lost }) =>
      `UPDATE events SET from_status = 'RUNNING' WHERE prediction_id = '${lost}' AND to_status = 'FAILED'`,
  },
  {
    fault: /^a FAILED prediction has the events null→QUEUED$/,
    damage: ({ lost }) =>
      `DELETE FROM events WHERE prediction_id = '${lost}' AND to_status = 'FAILED'`,
  },
])('the checker of the tests finds that $fault', async ({ fault, damage }) => {
  const of = await books()
  expect(await of.faults()).toEqual([])
  await behindTheirBack(kit.db.pool, damage(of))
  expect(await of.faults()).toContainEqual(expect.stringMatching(fault))
})
