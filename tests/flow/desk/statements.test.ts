import { readAlerts, seeAlerts, watchAlerts } from '@presage/domain/desk/alerts'
import { balancePortfolios } from '@presage/domain/desk/balance-portfolios'
import { calibration } from '@presage/domain/desk/calibration'
import { readLines, readMonths } from '@presage/domain/desk/credit-line'
import type { DeskViewer } from '@presage/domain/desk/desk-viewer'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { readEdits, readNotes } from '@presage/domain/desk/notes'
import { changePolicy } from '@presage/domain/desk/policy'
import { readPortfolio } from '@presage/domain/desk/portfolio'
import { readDecisions, readWaiting } from '@presage/domain/desk/read-decisions'
import { recordScores } from '@presage/domain/desk/record-scores'
import { claimPart } from '@presage/domain/desk/runs/claim-part'
import { listRuns, readRun } from '@presage/domain/desk/runs/read-run'
import { readBandShifts, readMovers, readRefused } from '@presage/domain/desk/runs/run-summary'
import { readScores, readScoresById } from '@presage/domain/desk/score'
import { scoreInputs } from '@presage/domain/desk/score-input'
import type { GraphQLContext } from '@presage/schema/context'
import { buildSchema } from '@presage/schema/schema'
import { shippedCatalogue } from '@presage/schema/shipped-catalogue'
import { graphql } from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { RUN_SIZE, writeCrowd } from '../../kit/desk-crowd.js'
import { openKit } from '../../kit/kit.js'
import { planOf, rowsReadAgain, statementsOf } from '../../kit/statements.js'

const kit = await openKit()
const { desk, admin, as } = await openDesk(kit)
const { db } = desk.domain
const crowd = await writeCrowd(db, admin.userId, (await kit.user()).userId)
const [managerId = '', otherId = ''] = crowd.managerIds
const [runId = ''] = crowd.runIds
const clientIds = crowd.clientIds.slice(0, 50)

const scoreIds = (
  await db.prisma.score.findMany({ where: { clientId: { in: clientIds } }, take: 50 })
).map(({ id }) => id)

async function readCards() {
  const lines = await readLines(db, clientIds)
  await readMonths(
    db,
    lines.map(({ id }) => id),
    6,
  )
}

async function watchOnce() {
  const watch = watchAlerts(desk, manager)
  await watch.next()
  await watch.return?.()
}

let manager: DeskViewer
beforeAll(async () => {
  for (let n = 0; n < 20; n++) await changePolicy(desk, admin, {}, `change ${n}`)
  manager = await as(managerId)
})

const page = { limit: 50, inverted: false }

/** Tables with a row for each client or more. */
const LARGE =
  /^(users|clients|credit_lines|payment_months|scores|scorings|predictions|client_.*|decisions|desk_alerts|desk_run_clients|outcomes)$/

/** Of the first manager. */
const THEIRS = crowd.clientIds.length

/** What is read, and the most rows that all of its statements may fetch. */
const READINGS: [string, number, () => Promise<unknown>][] = [
  ['the scores of 50 clients', 800, () => readScores(db, clientIds, page)],
  ['scores by their ids', 60, () => readScoresById(db, scoreIds)],
  ['the edits of 50 clients', 400, () => readEdits(desk, manager, clientIds, page)],
  ['the notes on 50 clients', 400, () => readNotes(desk, manager, clientIds, page)],
  ['the lines and months of 50 clients', 600, readCards],
  ['what 50 clients are scored on', 600, () => scoreInputs(db, clientIds)],
  ['the decisions on 50 clients', 400, () => readDecisions(desk, manager, clientIds, page)],
  ['decisions that wait, a manager’s', 900, () => readWaiting(desk, manager, page)],
  ['decisions that wait, an admin’s', 600, () => readWaiting(desk, admin, page)],
  ['a manager’s alerts', 120, () => readAlerts(desk, manager, { unseen: false }, page)],
  ['a manager’s unseen alerts', 120, () => readAlerts(desk, manager, { unseen: true }, page)],
  ['an admin’s alerts', 120, () => readAlerts(desk, admin, { unseen: false }, page)],
  ['an admin’s unseen alerts', 1200, () => readAlerts(desk, admin, { unseen: true }, page)],
  // A signal may come between: each reading of theirs, of 2,000, is of 100.
  ['the alerts that are watched', 400, watchOnce],
  ['alerts that are seen', 60, () => seeAlerts(desk, manager, scoreIds)],
  ['a version’s calibration, a manager’s', 8 * THEIRS, () => calibration(desk, manager, '0.9.0')],
  ['the counts of a portfolio', 600, () => readPortfolio(desk, manager, null)],
  ['a run', 3 * RUN_SIZE + 20, () => readRun(desk, manager, runId)],
  ['a page of two runs', 6 * RUN_SIZE + 20, () => listRuns(desk, manager, { ...page, limit: 2 })],
  [
    'an admin’s page of two runs',
    6 * RUN_SIZE + 20,
    () => listRuns(desk, admin, { ...page, limit: 2 }),
  ],
  ['the bands of a run', 3 * RUN_SIZE, () => readBandShifts(desk, [runId])],
  ['the movers of a run', 3 * RUN_SIZE, () => readMovers(desk, [runId], 50)],
  ['the refused of a run', RUN_SIZE, () => readRefused(desk, [runId], 50)],
  ['a look for parts to hold', 10, () => claimPart(db.pool)],
  ['a look for scores to record', 10, () => recordScores(db.pool)],
  [
    'balancing two portfolios',
    4 * THEIRS,
    () => balancePortfolios(desk, admin, { managerIds: [managerId, otherId], all: true }),
  ],
  ['a dismissal', 4 * THEIRS, () => dismissManager(desk, admin, otherId, managerId)],
]

describe('among 12,000 clients', () => {
  it.each(READINGS)('%s fetches at most %d rows, by indexes', async (_name, most, read) => {
    const statements = await statementsOf(read)
    expect(statements).not.toEqual([])
    const plans = await Promise.all(statements.map((each) => planOf(db.pool, each)))
    expect(plans.flatMap(({ scanned }) => scanned).filter((table) => LARGE.test(table))).toEqual([])
    expect(plans.reduce((sum, { rowsRead }) => sum + rowsRead, 0)).toBeLessThanOrEqual(most)
    let again = 0
    for (const statement of statements) again += await rowsReadAgain(db.pool, statement)
    expect(again).toBeLessThanOrEqual(most)
  })
})

const CARD = `email profile { lastName age } manager { email } creditLine { months { billed recordedBy { email } } }
  latestScore { proposal input explanation { method } askedBy { email } outcome { missed } }
  scores(first: 3) { nodes { rating } } decisions(first: 3) { nodes { reason decidedBy { email } } }
  edits(first: 3) { nodes { field by { email } } } notes(first: 3) { nodes { text by { email } } }`

/** What is asked of the desk for `$n` rows. */
const LISTS = {
  'clients with all that is theirs': `clients(first: $n) { nodes { ${CARD} } }`,
  alerts: 'alerts(first: $n) { nodes { toBand client { email } score { proposal } } }',
  'decisions that wait': `waitingDecisions(first: $n) { nodes {
    client { email } score { rating } decidedBy { email } letter { salutation } } }`,
  'versions of the policy': `policyHistory(first: $n) { nodes { reason author { email } } }`,
  managers:
    'managers(first: $n) { nodes { email edits(first: 3) { nodes { field by { email } } } } }',
}

/** Of the 12 runs that there are. */
const RUNS = `runs(first: $n) { nodes { askedBy { email } progress { scored } bands { band }
  movers(first: 3) { client { email } } refused(first: 3) { client { email } } } }`

/** A process has the schema of one catalogue, and files of tests share processes. */
const schema = buildSchema(await shippedCatalogue())

async function countOf(list: string, n: number): Promise<number> {
  const viewer = { ...admin, sessionId: admin.userId, email: '' }
  const source = `query ($n: Int!) { desk { ${list} } }`
  const context: Partial<GraphQLContext> = { domain: desk.domain, creditDesk: desk, viewer }
  const asked = { schema, source, contextValue: context }
  const statements = await statementsOf(async () => {
    const { data, errors } = await graphql({ ...asked, variableValues: { n } })
    expect(errors).toBeUndefined()
    const [nodes] = Object.values(data?.desk ?? {}).map((connection) => connection.nodes)
    expect(nodes).toHaveLength(n)
  })
  return statements.length
}

describe('an operation sends as many statements for many rows as for 2', () => {
  it.each([
    ...Object.entries(LISTS).map(([name, list]) => [name, list, 20] as const),
    ['runs', RUNS, 10] as const,
  ])('%s', async (_name, list, many) => {
    const few = await countOf(list, 2)
    expect(few).toBeLessThanOrEqual(16)
    expect(await countOf(list, many)).toBe(few)
  })
})
