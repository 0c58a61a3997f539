import type { Bulk as BulkValue } from '@presage/domain/bulks/bulk'
import { cancelBulk } from '@presage/domain/bulks/cancel-bulk'
import { NotFoundError } from '@presage/domain/errors'
import type { Wallet as WalletRow } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Wallet } from '../wallet/wallet.js'
import { Bulk } from './bulk.js'

const CancelBulkPayload = builder
  .objectRef<{ bulk: BulkValue; wallet: WalletRow }>('CancelBulkPayload')
  .implement({
    fields: (t) => ({
      bulk: t.expose('bulk', { type: Bulk }),
      wallet: t.expose('wallet', { type: Wallet }),
    }),
  })

builder.mutationField('cancelBulk', (t) =>
  t.field({
    type: CancelBulkPayload,
    description:
      'Ends all items that have not ended and gives back what they held; the others stay.',
    authScopes: { may: 'PREDICT' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { domain, viewer }) =>
      cancelBulk(domain, signedIn(viewer), rowId('Bulk', id)),
  }),
)
