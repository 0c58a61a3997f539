import { describe, expect, it } from 'vitest'
import { deskRoles } from '../../kit/desk-roles.js'
import { DeskSchema } from '../../kit/desk-schema.js'
import {
  admins,
  managed,
  operationOf,
  SIGNED_OUT,
  type Told,
  told,
  toldBy,
} from '../../kit/desk-told.js'
import { openKit } from '../../kit/kit.js'
import { askWithFile } from '../../kit/uploads.js'

// Every role against every mutation of the desk; a new one has to be entered here.

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })
const { apis, ids } = await deskRoles(kit, stack)
const desk = await DeskSchema.read()

/** Sent as `$file`: of one row, which has a fault. */
const FILE = Buffer.from('email,firstName,lastName\nnone,A,B\n')

/** What each answers to whom: who may is refused for what was sent, or changes nothing. */
const ROWS: Record<string, { input: string; told: Told }> = {
  askScore: {
    input: '(input: { client: $client, idempotencyKey: "k" })',
    told: told('NOT_FOUND', {
      ...{ ...SIGNED_OUT, client: 'INSUFFICIENT_FUNDS' },
      ...{ manager: 'INSUFFICIENT_FUNDS', admin: 'INSUFFICIENT_FUNDS' },
    }),
  },
  editClient: {
    input: '(input: { client: $client, version: 0, profile: { dependants: 1 } })',
    told: managed('STALE_EDIT'),
  },
  editManager: { input: '(input: { manager: $manager })', told: managed('yes') },
  recordPayment: {
    input: `(input: {
      client: $client, month: "2026-06-01", billed: 1, paid: 1, monthsLate: 0 })`,
    told: managed('MONTH_TAKEN'),
  },
  decide: {
    input: '(input: { score: $score, verdict: DECLINE })',
    told: managed('DECISION_CONFLICT'),
  },
  approveDecision: { input: '(decision: $decision)', told: managed('DECISION_NOT_WAITING') },
  seeAlerts: {
    input: '(ids: [])',
    told: told('DESK_FORBIDDEN', { ...SIGNED_OUT, manager: 'yes', otherManager: 'yes' }),
  },
  recordOutcome: { input: '(score: $score, missed: false)', told: managed('OUTCOME_TAKEN') },
  rescoreClients: { input: '(clients: [$client], idempotencyKey: "again")', told: managed('yes') },
  rescorePortfolio: {
    input: '(manager: $manager, idempotencyKey: "")',
    told: { ...managed('INVALID_INPUT'), otherManager: 'DESK_FORBIDDEN' },
  },
  cancelDeskRun: {
    input: '(id: $run)',
    told: told('NOT_FOUND', { ...SIGNED_OUT, manager: 'yes', admin: 'yes' }),
  },
  addNote: { input: '(client: $client, text: "")', told: managed('INVALID_INPUT') },
  createClient: {
    input: '(input: { email: "none", profile: { firstName: "A", lastName: "B" } })',
    told: admins('INVALID_INPUT'),
  },
  createManager: {
    input: '(input: { email: "none", firstName: "A", lastName: "B" })',
    told: admins('INVALID_INPUT'),
  },
  importClients: { input: '(file: $file, dryRun: true)', told: admins('yes') },
  importManagers: { input: '(file: $file, dryRun: true)', told: admins('yes') },
  importCreditLines: { input: '(file: $file, dryRun: true)', told: admins('INVALID_INPUT') },
  openCreditLine: {
    input: `(client: $client, terms: {
      amountTotal: 1, limit: 1, annualRate: 0.1, currency: TWD })`,
    told: admins('ALREADY_THERE'),
  },
  assignClients: { input: '(clients: [], manager: null)', told: admins('none') },
  balancePortfolios: { input: '(managers: [$client])', told: admins('NOT_FOUND') },
  dismissManager: {
    input: '(manager: $manager, successor: $manager)',
    told: admins('INVALID_INPUT'),
  },
  changeDeskPolicy: { input: '(input: { reason: "" })', told: admins('INVALID_INPUT') },
}

/** What mutations alone answer with; every field of it is asked for. */
const PAYLOADS = new Set([
  ...['AskScorePayload', 'ImportFault', 'ImportPayload', 'MovedClients', 'RescorePayload'],
  ...['SeenAlerts'],
])

const fields = desk.rootFields('Mutation')
const cases = fields.flatMap((field) => {
  const row = ROWS[field.name]
  const text = `{ ${field.name}${row?.input} ${desk.selection(field, PAYLOADS)} }`
  return row ? [{ name: field.name, text, expected: row.told }] : []
})

describe('each role may do what is theirs', () => {
  it.each(cases)('$name', async ({ text, expected }) => {
    const { query, variables } = operationOf('mutation', text, ids)
    const answers = await toldBy(apis, (api) =>
      text.includes('$file')
        ? askWithFile(api, query, FILE, { variables })
        : api.ask(query, variables),
    )
    expect(answers).toEqual(expected)
  })

  it('and no mutation of the desk is left out, nor what it answers', () => {
    expect(fields.map(({ name }) => name).sort()).toEqual(Object.keys(ROWS).sort())
    const queried = desk.reachable(desk.fieldsOf('Query'))
    const answered = [...desk.reachable(fields)].filter((name) => !queried.has(name))
    expect(answered.sort()).toEqual([...PAYLOADS].sort())
  })
})
