import { type ExportPage, exportAccount } from '@presage/domain/privacy/export-account'
import { builder } from '../builder.js'
import { signedIn } from '../signed-in.js'

const AccountExportPage = builder.objectRef<ExportPage>('AccountExportPage').implement({
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Goes on behind this page.' }),
    isLast: t.exposeBoolean('isLast', { description: 'true = that was all' }),
    records: t.field({
      type: ['JSON'],
      description:
        'Each says in `section` what it is: account, sessions, apiKeys, consents, adminActions, transactions, uploads, predictions, shadowRuns, bulks, or what a product on the platform calls it.',
      resolve: ({ records }) => records,
    }),
  }),
})

builder.subscriptionField('accountExport', (t) =>
  t.field({
    type: AccountExportPage,
    description: 'All that is kept about the caller, page by page, and then it ends.',
    authScopes: { signedIn: true },
    args: {
      after: t.arg.string({ description: 'The cursor of the last page seen; null = all.' }),
    },
    subscribe: (_root, { after }, { domain, viewer }) =>
      exportAccount(domain, signedIn(viewer), after ?? null),
    resolve: (page) => page,
  }),
)
