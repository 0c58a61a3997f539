import { buildSchema } from '@presage/schema/schema'
import { shippedCatalogue } from '@presage/schema/shipped-catalogue'
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { deskRoles, ROLES, type Role } from '../../kit/desk-roles.js'
import { openKit } from '../../kit/kit.js'

// Every role against every field of the desk and every mutation; a new one has to be entered here.

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })
const { apis, ids } = await deskRoles(kit, stack)
const schema = buildSchema(await shippedCatalogue())

/** What a role is told: a value, null, or a code. */
type Told = Record<Role, string>

const told = (usual: string, others: Partial<Told>): Told =>
  ({ ...Object.fromEntries(ROLES.map((role) => [role, usual])), ...others }) as Told

const OWN = { client: 'yes', manager: 'yes', admin: 'yes' }
const STAFF = { client: 'DESK_FORBIDDEN', manager: 'yes', admin: 'yes' }
const SIGNED_OUT = { nobody: 'UNAUTHENTICATED' }
/** Of a field that is an admin's on an object that some see. */
const ADMINS = told('FORBIDDEN', { ...SIGNED_OUT, user: 'null', admin: 'yes' })

/** Of a list for the desk's people. */
const STAFFS = told('yes', {
  ...{ ...SIGNED_OUT, user: 'null' },
  ...{ client: 'DESK_FORBIDDEN', otherClient: 'DESK_FORBIDDEN' },
})

/** How a field of each type is come by, and who is told. `@` stands for the field. */
const PATHS: Record<string, { path: string; told: Told; others?: Record<string, Told> }> = {
  Desk: {
    path: '{ desk { @ } }',
    told: told('yes', { ...SIGNED_OUT, user: 'null' }),
    others: {
      me: told('null', { ...SIGNED_OUT, client: 'yes', otherClient: 'yes' }),
      manager: told('null', { ...SIGNED_OUT, manager: 'yes', otherManager: 'yes' }),
      client: told('null', { ...SIGNED_OUT, ...OWN }),
      clients: told('yes', {
        ...{ ...SIGNED_OUT, user: 'null' },
        ...{ client: 'DESK_FORBIDDEN', otherClient: 'DESK_FORBIDDEN' },
      }),
      export: told('yes', {
        ...{ ...SIGNED_OUT, user: 'null' },
        ...{ client: 'DESK_FORBIDDEN', otherClient: 'DESK_FORBIDDEN' },
      }),
      managers: ADMINS,
      account: ADMINS,
      alerts: STAFFS,
      waitingDecisions: STAFFS,
      calibration: STAFFS,
      scoreDiff: told('NOT_FOUND', { ...SIGNED_OUT, user: 'null', ...OWN }),
    },
  },
  Client: {
    path: '{ node(id: $client) { ... on Client { @ } } }',
    told: told('null', OWN),
    others: {
      ...{ edits: told('null', STAFF), notes: told('null', STAFF) },
      // No worker is there to be asked.
      whatWouldHelp: told('null', {
        ...{ client: 'UNAVAILABLE', manager: 'UNAVAILABLE', admin: 'UNAVAILABLE' },
      }),
    },
  },
  ClientProfile: {
    path: '{ node(id: $client) { ... on Client { profile { @ } } } }',
    told: told('null', OWN),
  },
  CreditLine: {
    path: '{ node(id: $client) { ... on Client { creditLine { @ } } } }',
    told: told('null', OWN),
  },
  PaymentMonth: {
    path: '{ node(id: $client) { ... on Client { creditLine { months { @ } } } } }',
    told: told('null', OWN),
  },
  Decision: {
    path: '{ node(id: $decision) { ... on Decision { @ } } }',
    told: told('null', OWN),
    others: { reason: told('null', { manager: 'yes', admin: 'yes' }) },
  },
  DeskRun: {
    path: '{ node(id: $run) { ... on DeskRun { @ } } }',
    told: told('null', { manager: 'yes', admin: 'yes' }),
  },
  Score: { path: '{ node(id: $score) { ... on Score { @ } } }', told: told('null', OWN) },
  Manager: { path: '{ node(id: $manager) { ... on Manager { @ } } }', told: told('null', OWN) },
  ClientEdit: {
    path: '{ node(id: $client) { ... on Client { edits { nodes { @ } } } } }',
    told: told('null', STAFF),
  },
  ClientNote: {
    path: '{ node(id: $client) { ... on Client { notes { nodes { @ } } } } }',
    told: told('null', STAFF),
  },
  DeskPolicy: {
    path: '{ desk { policy { @ } } }',
    told: told('yes', { ...SIGNED_OUT, user: 'null' }),
  },
  DeskExport: {
    path: '{ desk { export { @ } } }',
    told: told('yes', {
      ...{ ...SIGNED_OUT, user: 'null' },
      ...{ client: 'DESK_FORBIDDEN', otherClient: 'DESK_FORBIDDEN' },
    }),
  },
  ProfileField: {
    path: '{ desk { profileFields { @ } } }',
    told: told('yes', { ...SIGNED_OUT, user: 'null' }),
  },
}

/** Types of the platform, and those that only carry others. */
const PLATFORMS = /^(PageInfo|Explanation|User)$/
const CARRIERS = /(Connection|Edge)$/

const objectType = (name: string): GraphQLObjectType => {
  const type = schema.getType(name)
  if (!isObjectType(type)) throw new Error(`${name} is no object`)
  return type
}

const ARGUMENTS: Record<string, string> = {
  'Desk.client': '(id: $client)',
  'Desk.calibration': '(version: "1.0.0")',
  'Desk.scoreDiff': '(a: $score, b: $score)',
}

/** What only comes within one of the objects above, and leads to nobody who is not told of by it. */
const PARTS = [
  ...['AreaUnderCurve', 'BandShift', 'Calibration', 'CalibrationBin', 'DeclineLetter', 'DeskAlert'],
  ...['DeskRunCharge', 'DeskRunProgress', 'LetterReason', 'Mover', 'RefusedClient', 'ScoreOutcome'],
]

function selected(type: string, { name, type: of }: GraphQLField<unknown, unknown>): string {
  const to = getNamedType(of)
  const refusal = isUnionType(to) ? '... on Error { code } ' : ''
  const more = isLeafType(to) ? '' : ` { ${refusal}__typename }`
  return `${name}${ARGUMENTS[`${type}.${name}`] ?? ''}${more}`
}

/** A query of this path, with the variables that it has. */
function queryOf(path: string): { query: string; variables: Record<string, string> } {
  const used = Object.entries(ids).filter(([name]) => path.includes(`$${name}`))
  const declared = used.map(([name]) => `$${name}: ID!`).join(', ')
  return {
    query: `query${declared && `(${declared})`} ${path}`,
    variables: Object.fromEntries(used),
  }
}

/** What stands at the end of an answer's only path, or the code of its error. */
function outcome(answer: Awaited<ReturnType<(typeof apis)[Role]['ask']>>): string {
  const [error] = answer.errors ?? []
  if (error) return String(error.extensions.code)
  let value: unknown = answer.data
  while (value instanceof Object) {
    if ('code' in value) return String(value.code)
    if (Array.isArray(value) && value.length === 0) return 'yes'
    const [first] = Object.values(value)
    value = first
  }
  return value === null ? 'null' : 'yes'
}

const fields = Object.entries(PATHS).flatMap(([type, { path, told: usual, others }]) =>
  Object.values(objectType(type).getFields()).map((field) => ({
    name: `${type}.${field.name}`,
    // Where the object is what is refused, its presence tells, as the field may hold nothing.
    ...queryOf(
      path.replace('@', `${others?.[field.name] ? '' : 'is: __typename '}${selected(type, field)}`),
    ),
    expected: others?.[field.name] ?? usual,
  })),
)

describe('each role is told of the desk what is theirs', () => {
  it.each(fields)('$name', async ({ query, variables, expected }) => {
    const answers = ROLES.map(async (role) => [
      role,
      outcome(await apis[role].ask(query, variables)),
    ])
    expect(Object.fromEntries(await Promise.all(answers))).toEqual(expected)
  })

  it('and no type of it is left out', () => {
    const left = new Set<string>()
    const walk = (type: GraphQLObjectType) => {
      for (const field of Object.values(type.getFields())) {
        const to = getNamedType(field.type)
        if (!isObjectType(to) || left.has(to.name) || PLATFORMS.test(to.name)) continue
        left.add(to.name)
        walk(to)
      }
    }
    walk(objectType('Desk'))
    expect(
      [...left].filter((name) => !CARRIERS.test(name) && !PATHS[name] && !PARTS.includes(name)),
    ).toEqual([])
  })
})

/** What each mutation answers to whom: who may is refused for what was sent, and nothing is changed. */
const MUTATIONS: Record<string, { input: string; told: Told }> = {
  askScore: {
    input: '(input: { client: $client, idempotencyKey: "k" })',
    told: told('NOT_FOUND', {
      ...SIGNED_OUT,
      ...{
        client: 'INSUFFICIENT_FUNDS',
        manager: 'INSUFFICIENT_FUNDS',
        admin: 'INSUFFICIENT_FUNDS',
      },
    }),
  },
  editClient: {
    input: '(input: { client: $client, version: 0, profile: { dependants: 1 } })',
    told: staffs('STALE_EDIT'),
  },
  recordPayment: {
    input: `(input: {
      client: $client, month: "2026-06-01", billed: 1, paid: 1, monthsLate: 0 })`,
    told: staffs('MONTH_TAKEN'),
  },
  decide: {
    input: '(input: { score: $score, verdict: DECLINE })',
    told: staffs('DECISION_CONFLICT'),
  },
  approveDecision: { input: '(decision: $decision)', told: staffs('DECISION_NOT_WAITING') },
  seeAlerts: {
    input: '(ids: [])',
    told: told('DESK_FORBIDDEN', {
      ...SIGNED_OUT,
      ...{ manager: 'yes', otherManager: 'yes' },
    }),
  },
  recordOutcome: { input: '(score: $run, missed: true)', told: staffs('NOT_FOUND') },
  rescoreClients: {
    input: '(clients: [$client], idempotencyKey: "again")',
    told: staffs('yes'),
  },
  rescorePortfolio: {
    input: '(manager: $manager, idempotencyKey: "")',
    told: { ...staffs('INVALID_INPUT'), otherManager: 'DESK_FORBIDDEN' },
  },
  cancelDeskRun: {
    input: '(id: $run)',
    told: told('NOT_FOUND', { ...SIGNED_OUT, manager: 'yes', admin: 'yes' }),
  },
  addNote: { input: '(client: $client, text: "")', told: staffs('INVALID_INPUT') },
  createClient: {
    input: '(input: { email: "none", profile: { firstName: "A", lastName: "B" } })',
    told: admins('INVALID_INPUT'),
  },
  createManager: {
    input: '(input: { email: "none", firstName: "A", lastName: "B" })',
    told: admins('INVALID_INPUT'),
  },
  openCreditLine: {
    input: `(client: $client, terms: {
      amountTotal: 1, limit: 1, annualRate: 0.1, currency: TWD })`,
    told: admins('ALREADY_THERE'),
  },
  assignClients: { input: '(clients: [], manager: null)', told: admins('yes') },
  balancePortfolios: { input: '(managers: [$client])', told: admins('NOT_FOUND') },
  dismissManager: {
    input: '(manager: $manager, successor: $manager)',
    told: admins('INVALID_INPUT'),
  },
  changeDeskPolicy: { input: '(input: { reason: "" })', told: admins('INVALID_INPUT') },
}

/** Of what the client's manager and admins may do: whom else it is refused, and why. */
function staffs(answer: string): Told {
  const notStaff = {
    user: 'DESK_FORBIDDEN',
    client: 'DESK_FORBIDDEN',
    otherClient: 'DESK_FORBIDDEN',
  }
  return told('NOT_FOUND', { ...SIGNED_OUT, ...notStaff, manager: answer, admin: answer })
}

function admins(answer: string): Told {
  return told('FORBIDDEN', { ...SIGNED_OUT, admin: answer })
}

describe('each role may do what is theirs', () => {
  it.each(Object.entries(MUTATIONS))('%s', async (name, { input, told: expected }) => {
    const used = Object.entries(ids).filter(([id]) => input.includes(`$${id}`))
    const declared = used.map(([id]) => `$${id}: ID!`).join(', ')
    const query = `mutation${declared && `(${declared})`} {
      ${name}${input} { ... on Error { code } __typename } }`
    const variables = Object.fromEntries(used)
    const answers = ROLES.map(async (role) => [
      role,
      outcome(await apis[role].ask(query, variables)),
    ])
    expect(Object.fromEntries(await Promise.all(answers))).toEqual(expected)
  })

  it('and no mutation of the desk is left out', () => {
    const desks = Object.values(objectType('Mutation').getFields()).filter(({ type }) => {
      const to = getNamedType(type)
      const members = isUnionType(to) ? to.getTypes() : [to]
      return members.some((member) => member.name in PATHS || PAYLOADS.includes(member.name))
    })
    expect(desks.map(({ name }) => name).sort()).toEqual(Object.keys(MUTATIONS).sort())
  })
})

/** What mutations of the desk answer with that is no part of it. */
const PAYLOADS = ['AskScorePayload', 'MovedClients', 'RescorePayload', 'ScoreOutcome', 'SeenAlerts']
