import type { Domain } from '../../domain.js'
import { type ExportSection, ID, type Keyed } from '../../privacy/export-sections.js'
import { readLines } from '../credit-line.js'
import { DECISION_COLUMNS, type Decision, standsSince } from '../decision.js'
import { declineLetter } from '../decline-letter.js'
import { readOutcomes } from '../record-outcome.js'
import { readScores as readScorePages, readScoresById } from '../score.js'

const PAGE = 200

/**
 * What the desk knows of a person, in the order of the export: as a client, and as a manager. They are
 * told all that is written about them, notes and reasons too, but not by whom: that is another's.
 */
export const DESK_SECTIONS: readonly ExportSection[] = [
  { name: 'client', key: ID, read: readProfile },
  { name: 'creditLine', key: ID, read: readLine },
  { name: 'paymentMonths', key: /^\d{4}-\d\d-\d\d$/, read: readPayments },
  { name: 'scores', key: ID, read: readScores },
  { name: 'decisions', key: ID, read: readDecisions },
  { name: 'clientEdits', key: ID, read: readEdits },
  { name: 'clientNotes', key: ID, read: readNotes },
  { name: 'manager', key: ID, read: readManager },
  { name: 'managerEdits', key: ID, read: readManagerEdits },
]

/** Rows of a client's behind an id, in the order of the ids. */
const pageOf = (clientId: string, after: string) => ({
  where: { clientId, ...(after && { id: { gt: after } }) },
  orderBy: { id: 'asc' as const },
  take: PAGE,
})

async function readProfile({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  if (after) return []
  const client = await db.prisma.client.findUnique({
    where: { userId, erasedAt: null },
    omit: {
      ...{ userId: true, managerId: true, searchText: true, nameKey: true, erasedAt: true },
      ...{ factsVersion: true, ratingOrder: true, monthsLateOrder: true, scoredOrder: true },
    },
  })
  if (!client) return []
  const { income, rating, balance, ...known } = client
  const amounts = { income: numberOf(income), rating: numberOf(rating), balance: numberOf(balance) }
  return [[userId, { ...known, ...amounts }]]
}

const numberOf = (value: { toNumber(): number } | null): number | null => value?.toNumber() ?? null

async function readLine({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  if (after) return []
  const [line] = await readLines(db, [userId])
  if (!line) return []
  const { clientId: _, creditLimit: limit, ...terms } = line
  return [[line.id, { ...terms, limit }]]
}

async function readPayments({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const { rows } = await db.pool.query<{ month: string }>({
    name: 'desk_export_months',
    text: `SELECT m.month::text, m.billed::float8, m.paid::float8, m.months_late AS "monthsLate",
        m.recorded_at AS "recordedAt"
      FROM credit_lines l JOIN payment_months m ON m.line_id = l.id
      WHERE l.client_id = $1 AND m.month > coalesce(nullif($2, '')::date, '-infinity')
      ORDER BY m.month LIMIT ${PAGE}`,
    values: [userId, after],
  })
  return rows.map((row) => [row.month, row])
}

/** Each with what it was made from, its reasons, and what came of it. */
async function readScores({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const page = { before: after || undefined, limit: PAGE, inverted: true }
  const scores = await readScorePages(db, [userId], page)
  const outcomes = new Map(
    (await readOutcomes(db, ids(scores))).map(({ scoreId, ...outcome }) => [scoreId, outcome]),
  )
  return scores.map(({ clientId: _, predictionId: __, askedBy, ...score }) => [
    score.id,
    { ...score, askedBy: asker(askedBy, userId), outcome: outcomes.get(score.id) ?? null },
  ])
}

/** null = nobody asked: it came with the desk. */
const asker = (askedBy: string | null, userId: string): 'CLIENT' | 'DESK' | null => {
  if (askedBy === null) return null
  return askedBy === userId ? 'CLIENT' : 'DESK'
}

const ids = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id)

/** Those that stand, as the person may see them, with the reasons of overrides and the letters. */
async function readDecisions(domain: Domain, userId: string, after: string): Promise<Keyed[]> {
  const { rows } = await domain.db.pool.query<Decision & { firstName: string; lastName: string }>({
    name: 'desk_export_decisions',
    text: `SELECT ${DECISION_COLUMNS}, c.first_name AS "firstName", c.last_name AS "lastName"
      FROM decisions d JOIN clients c ON c.user_id = d.client_id
      WHERE d.client_id = $1 AND (NOT d.needs_second OR d.second_by IS NOT NULL)
        AND ($2 = '' OR d.id > nullif($2, '')::uuid)
      ORDER BY d.id LIMIT ${PAGE}`,
    values: [userId, after],
  })
  const scoreIds = rows.map(({ scoreId }) => scoreId)
  const scores = new Map(
    (await readScoresById(domain.db, scoreIds)).map((score) => [score.id, score]),
  )
  return rows.map(({ firstName, lastName, ...decision }) => {
    const score = scores.get(decision.scoreId)
    const card = score && domain.catalogue.version(score.model, score.version)?.card
    const client = { firstName, lastName }
    const letter = score && card ? declineLetter({ decision, client, score, card }) : null
    const { clientId: _, decidedBy: __, secondBy: ___, overrideReason: reason, ...told } = decision
    return [decision.id, { ...told, reason, standsSince: standsSince(decision), letter }]
  })
}

/** The trail of edits: which field, from what to what, and when. */
async function readEdits({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const omit = { clientId: true, actorId: true }
  const rows = await db.prisma.clientEdit.findMany({ ...pageOf(userId, after), omit })
  return rows.map((row) => {
    // Which other people looked after the client is those people's.
    const { before: _, after: __, ...bare } = row
    return [row.id, row.field === 'managerId' ? bare : row]
  })
}

async function readNotes({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const omit = { clientId: true, authorId: true }
  const rows = await db.prisma.clientNote.findMany({ ...pageOf(userId, after), omit })
  return rows.map((row) => [row.id, row])
}

async function readManager({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const where = { userId }
  const manager = after
    ? null
    : await db.prisma.manager.findUnique({ where, omit: { userId: true } })
  return manager ? [[userId, { ...manager }]] : []
}

async function readManagerEdits({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.managerEdit.findMany({
    where: { managerId: userId, ...(after && { id: { gt: after } }) },
    omit: { managerId: true, actorId: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}
