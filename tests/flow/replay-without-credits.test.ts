import { predictMany } from '@presage/domain/bulks/predict-many'
import { createDraft, runDraft } from '@presage/domain/predictions/drafts'
import { predict } from '@presage/domain/predictions/predict'
import type { Viewer } from '@presage/domain/viewer'
import { expect, it } from 'vitest'
import { ledgerFaults } from '../kit/check-ledger.js'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'

const kit = await openKit()
const domain = kit.domain()

const request = { model: 'toll', variant: 'one', features: { n: 1 } }
const run = { idempotencyKey: 'last', explain: false, waitMs: 0 }

const walletOf = ({ userId }: Viewer) =>
  kit.db.prisma.wallet.findUniqueOrThrow({ where: { userId } })

/** All the predictions there are, all of which the same key has paid for. */
const boughtBy = ({ userId }: Viewer) => kit.db.prisma.prediction.findMany({ where: { userId } })

/** Every way to spend the last credit; each says what its caller is told. */
const orders = {
  predict: (viewer: Viewer) => () => predict(domain, viewer, request, run),
  async runDraft(viewer: Viewer) {
    const { prediction } = await createDraft(domain, viewer, request)
    return () => runDraft(domain, viewer, prediction.id, run)
  },
  predictMany: (viewer: Viewer) => async () => {
    const how = { idempotencyKey: 'last', allOrNothing: true, explain: false }
    const { bulk, ...rest } = await predictMany(domain, viewer, [request], () => request, how)
    return { prediction: { id: bulk.id }, ...rest }
  },
}

it.each(['predict', 'runDraft', 'predictMany'] as const)(
  'a call that took the last credit is told the same again: %s',
  async (order) => {
    const alice = await kit.user({ balance: 1 })
    const call = await orders[order](alice)
    const first = await call()
    expect(first).toMatchObject({ replayed: false, wallet: { balance: 0n, held: 1n } })
    const same = { replayed: true, prediction: { id: first.prediction.id } }
    expect(await call()).toMatchObject({ ...same, wallet: first.wallet })
    const [bought] = await boughtBy(alice)
    await domain.closings.submit(closingOf(bought?.id ?? '', 'succeed'))
    const ended = await walletOf(alice)
    expect(ended).toMatchObject({ balance: 0n, held: 0n })
    expect(await call()).toMatchObject({ ...same, wallet: ended })
    expect(await walletOf(alice)).toEqual(ended)
    expect(await boughtBy(alice)).toHaveLength(1)
    expect(await ledgerFaults(domain, [alice.userId])).toEqual([])
  },
)
