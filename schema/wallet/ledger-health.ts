import { type LedgerHealth as Health, ledgerHealth } from '@presage/domain/wallet/ledger-health'
import { builder } from '../builder.js'

/** The books, as an admin sees them. */
export const LedgerHealth = builder.objectRef<Health>('LedgerHealth').implement({
  description: 'The books checked against each other, in credits.',
  fields: (t) => ({
    balanced: t.exposeBoolean('balanced', { description: 'Every check holds.' }),
    walletsOff: t.exposeInt('walletsOff', {
      description: 'Wallets that differ from the sum of their transfers; 0 when right.',
    }),
    trialBalance: t.field({
      type: 'SafeInt',
      description: 'Credits in wallets minus what came in and went out; 0 when right.',
      resolve: (health) => Number(health.trialBalance),
    }),
    held: t.field({ type: 'SafeInt', resolve: (health) => Number(health.held) }),
    openHolds: t.field({
      type: 'SafeInt',
      description: 'What open predictions hold; equals held.',
      resolve: (health) => Number(health.openHolds),
    }),
    reserved: t.field({
      type: 'SafeInt',
      description: 'All holds ever; equals captured + released + openHolds.',
      resolve: (health) => Number(health.reserved),
    }),
    captured: t.field({ type: 'SafeInt', resolve: (health) => Number(health.captured) }),
    released: t.field({ type: 'SafeInt', resolve: (health) => Number(health.released) }),
    openPredictions: t.exposeInt('openPredictions'),
  }),
})

builder.queryField('ledgerHealth', (t) =>
  t.field({
    type: LedgerHealth,
    description: 'Admins only.',
    authScopes: { admin: true },
    resolve: (_root, _args, { domain }) => ledgerHealth(domain),
  }),
)
