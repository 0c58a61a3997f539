import type { Desk } from '@presage/domain/desk/desk'
import type { DeskViewer } from '@presage/domain/desk/desk-viewer'
import { MAX_CSV_ROWS } from '@presage/domain/desk/import/csv-rows'
import { FAULTS_TOLD, type Fault, type ImportReport } from '@presage/domain/desk/import/faults'
import { importClients } from '@presage/domain/desk/import/import-clients'
import { importCreditLines } from '@presage/domain/desk/import/import-credit-lines'
import { importManagers } from '@presage/domain/desk/import/import-managers'
import { InvalidInputError } from '@presage/domain/errors'
import type { SentFile } from '@presage/domain/uploads/upload-image'
import { builder } from '../builder.js'
import { deskCaller } from './desk-caller.js'

const ImportFault = builder.objectRef<Fault>('ImportFault').implement({
  description: 'Why a row is not taken.',
  fields: (t) => ({
    line: t.exposeInt('line', { description: 'On which the row begins, the header’s being 1.' }),
    column: t.exposeString('column', { nullable: true, description: 'null = the row as a whole' }),
    message: t.exposeString('message'),
  }),
})

const ImportPayload = builder.objectRef<ImportReport>('ImportPayload').implement({
  description: 'What an import has done, or would do: all rows or, with any fault, none.',
  fields: (t) => ({
    rows: t.exposeInt('rows', { description: 'Behind the header, empty ones left out.' }),
    accepted: t.exposeInt('accepted', {
      description: 'Written; in a dry run those without a fault.',
    }),
    faults: t.field({
      type: [ImportFault],
      description: `By line; at most ${FAULTS_TOLD.toLocaleString('en')}.`,
      resolve: ({ faults }) => faults,
    }),
    faultCount: t.exposeInt('faultCount', { description: 'Of all, also those not told.' }),
    dryRun: t.exposeBoolean('dryRun'),
  }),
})

const FILE =
  'Takes a CSV file in UTF-8 with a header, separated by commas, semicolons or tabs, of up to ' +
  `10 MiB and ${MAX_CSV_ROWS.toLocaleString('en')} rows, in a multipart request with the header ` +
  '`graphql-require-preflight`. Admins only.'

type Run = (
  desk: Desk,
  me: DeskViewer,
  sent: { file: SentFile; dryRun: boolean },
) => Promise<ImportReport>

const importField = (name: string, description: string, run: Run) =>
  builder.mutationField(name, (t) =>
    t.field({
      type: ImportPayload,
      description: `${description} ${FILE}`,
      authScopes: { admin: true },
      errors: { types: [InvalidInputError] },
      args: {
        file: t.arg({ type: 'Upload', required: true }),
        dryRun: t.arg.boolean({ required: true, description: 'Whether nothing is to be written.' }),
      },
      resolve: async (_root, sent, context) => {
        const { desk, me } = await deskCaller(context)
        return run(desk, me, sent)
      },
    }),
  )

importField(
  'importClients',
  'Imports clients, all or none. Columns: email, those of a profile (firstName and lastName are ' +
    'needed), manager (an e-mail), amountTotal, limit, annualRate, currency, openedAt, and of each ' +
    'month `billed 2026-10`, `paid 2026-10`, `monthsLate 2026-10`.',
  importClients,
)

importField(
  'importManagers',
  'Imports managers, all or none. Columns: email, firstName, lastName, phone.',
  importManagers,
)

importField(
  'importCreditLines',
  'Opens credit lines of clients who have none, all or none. Columns: email (the client’s), amountTotal, ' +
    'limit, annualRate, currency, openedAt, and of each month `billed 2026-10`, `paid 2026-10`, ' +
    '`monthsLate 2026-10`.',
  importCreditLines,
)
