import type { GraphQLField } from 'graphql'
import { describe, expect, it } from 'vitest'
import { deskRoles } from '../../kit/desk-roles.js'
import { DeskSchema } from '../../kit/desk-schema.js'
import {
  ADMINS_OWN,
  OWN,
  operationOf,
  SIGNED_OUT,
  STAFF,
  staffs,
  type Told,
  told,
  toldBy,
} from '../../kit/desk-told.js'
import { openKit } from '../../kit/kit.js'

// Every role against every field of the desk; a new one has to be entered here.

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS: 'credit-default' } })
const { apis, ids } = await deskRoles(kit, stack)
const desk = await DeskSchema.read()

/** How a field of a type is come by, and who is told. `@` stands for the field. */
interface Row {
  path: string
  told: Told
  others?: Record<string, Told>
}

const OWNS = told('null', OWN)
const STAFFS = told('null', STAFF)
const SIGNED_IN = told('yes', { ...SIGNED_OUT, user: 'null' })
const FOUND = told('NOT_FOUND', { ...SIGNED_OUT, user: 'null', ...OWN })
const RUNS = told('null', { manager: 'yes', admin: 'yes' })

const ofClient = (path: string) => `{ node(id: $client) { ... on Client { ${path} } } }`
const ofManager = (path: string) => `{ node(id: $manager) { ... on Manager { ${path} } } }`
const ofRun = (path: string) => `{ node(id: $run) { ... on DeskRun { ${path} } } }`
const ofDecision = (path: string) => `{ node(id: $decision) { ... on Decision { ${path} } } }`
const ofDiff = (path: string) => `{ desk { scoreDiff(a: $earlier, b: $score) {
  ... on Error { refusal: code } ... on ScoreDiff { ${path} } } } }`
const ofHelp = (path: string) =>
  ofClient(`whatWouldHelp { ... on Error { refusal: code } ... on WhatWouldHelp { ${path} } }`)
const ofCalibration = (path: string) => `{ desk { calibration(version: "1.0.0") { ${path} } } }`

const ROWS: Record<string, Row> = {
  Desk: {
    path: '{ desk { @ } }',
    told: SIGNED_IN,
    others: {
      me: told('null', { ...SIGNED_OUT, client: 'yes', otherClient: 'yes' }),
      manager: told('null', { ...SIGNED_OUT, manager: 'yes', otherManager: 'yes' }),
      client: told('null', { ...SIGNED_OUT, ...OWN }),
      ...{ clients: staffs(), export: staffs(), alerts: staffs() },
      ...{ waitingDecisions: staffs(), calibration: staffs(), runs: staffs() },
      ...{ managers: ADMINS_OWN, account: ADMINS_OWN, policyHistory: ADMINS_OWN },
      scoreDiff: FOUND,
    },
  },
  Client: {
    path: ofClient('@'),
    told: OWNS,
    others: { edits: STAFFS, notes: STAFFS },
  },
  ClientProfile: { path: ofClient('profile { @ }'), told: OWNS },
  CreditLine: { path: ofClient('creditLine { @ }'), told: OWNS },
  PaymentMonth: {
    path: ofClient('creditLine { months { @ } }'),
    told: OWNS,
    others: { recordedBy: told('null', { manager: 'yes', admin: 'yes' }) },
  },
  ClientEdit: { path: ofClient('edits { nodes { @ } }'), told: STAFFS },
  ClientNote: { path: ofClient('notes { nodes { @ } }'), told: STAFFS },
  WhatWouldHelp: { path: ofHelp('@'), told: OWNS },
  ScoreOutlook: { path: ofHelp('now { @ }'), told: OWNS },
  HelpStep: { path: ofHelp('steps { @ }'), told: OWNS },
  Manager: { path: ofManager('@'), told: OWNS, others: { edits: STAFFS } },
  ManagerEdit: { path: ofManager('edits { nodes { @ } }'), told: STAFFS },
  Score: { path: '{ node(id: $score) { ... on Score { @ } } }', told: OWNS },
  ScoreOutcome: {
    path: '{ node(id: $score) { ... on Score { outcome { @ } } } }',
    told: OWNS,
  },
  ScoreDiff: { path: ofDiff('@'), told: FOUND },
  ScoreDiffPart: { path: ofDiff('parts { @ }'), told: FOUND },
  FeatureEdit: { path: ofDiff('parts { edits { @ } }'), told: FOUND },
  Decision: {
    path: ofDecision('@'),
    told: OWNS,
    others: { reason: told('null', { manager: 'yes', admin: 'yes' }) },
  },
  DeclineLetter: { path: ofDecision('letter { @ }'), told: OWNS },
  LetterReason: { path: ofDecision('letter { reasons { @ } }'), told: OWNS },
  DeskAlert: { path: '{ desk { alerts { nodes { @ } } } }', told: staffs() },
  Calibration: { path: ofCalibration('@'), told: staffs() },
  CalibrationBin: { path: ofCalibration('bins { @ }'), told: staffs() },
  // No outcome is known of the other's clients.
  AreaUnderCurve: { path: ofCalibration('auc { @ }'), told: staffs({ otherManager: 'null' }) },
  DeskRun: { path: ofRun('@'), told: RUNS },
  DeskRunProgress: { path: ofRun('progress { @ }'), told: RUNS },
  DeskRunCharge: { path: ofRun('charge { @ }'), told: RUNS },
  BandShift: { path: ofRun('bands { @ }'), told: RUNS },

  Mover: { path: ofRun('movers { @ }'), told: RUNS },
  RefusedClient: { path: ofRun('refused { @ }'), told: RUNS },
  DeskPolicy: {
    path: '{ desk { policy { @ } } }',
    told: SIGNED_IN,
    others: { reason: ADMINS_OWN, author: ADMINS_OWN },
  },
  DeskExport: { path: '{ desk { export { @ } } }', told: staffs() },
  ProfileField: { path: '{ desk { profileFields { @ } } }', told: SIGNED_IN },
}

const ARGUMENTS: Record<string, string> = {
  'Desk.client': '(id: $client)',
  'Desk.calibration': '(version: "1.0.0")',
  'Desk.scoreDiff': '(a: $earlier, b: $score)',
}

function caseOf(
  type: string,
  { path, told: usual, others }: Row,
  field: GraphQLField<unknown, unknown>,
) {
  const name = `${type}.${field.name}`
  const asked = `${field.name}${ARGUMENTS[name] ?? ''} ${desk.selection(field)}`
  // Where the object is what is refused, its presence tells, as the field may hold nothing.
  const presence = others?.[field.name] ? '' : 'is: __typename '
  return {
    name,
    text: path.replace('@', presence + asked),
    expected: others?.[field.name] ?? usual,
  }
}

const cases = Object.entries(ROWS).flatMap(([type, row]) =>
  desk.fieldsOf(type).map((field) => caseOf(type, row, field)),
)

describe('each role is told of the desk what is theirs', () => {
  it.each(cases)('$name', async ({ text, expected }) => {
    const { query, variables } = operationOf('query', text, ids)
    expect(await toldBy(apis, (api) => api.ask(query, variables))).toEqual(expected)
  })

  it('and no type of it is left out', () => {
    const queried = desk.reachable(desk.fieldsOf('Query'))
    expect([...queried].sort()).toEqual(Object.keys(ROWS).sort())
  })
})
