import { MODEL, monthBefore } from '@presage/domain/desk/credit-input'
import { deskAccount } from '@presage/domain/desk/desk-account'
import { insertClients, type Queryable } from '@presage/domain/desk/insert-clients'
import { insertScores } from '@presage/domain/desk/insert-scores'
import { createEventPartitions } from '@presage/domain/events/event-partitions'
import { hashPassword } from '@presage/domain/identity/password-hash'
import { bookTransfer } from '@presage/domain/wallet/book-transfer'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { type Db, openDb } from '@presage/prisma/client'
import { type Colleague, drawPeople, type People } from './draw-people.js'
import { readParameters } from './parameters.js'

/** For thirteen rescorings of everybody. */
const DESK_CREDITS = 100_000n

/** What a seed wrote; both counts are 0 where the desk had people already. */
export interface Seeded {
  clients: number
  scores: number
  /** Whether the people of {@link LOG_INS} are there, by this seed or one before. */
  isDemonstration: boolean
}

/** Who of the invented people shows a role's day. */
export const LOG_INS = {
  client: 'client-0001@example.com',
  manager: 'manager-01@example.com',
  admin: 'desk-admin-1@example.com',
} as const

/**
 * Fills an empty desk with invented people and their past, all or nothing: 1,510 clients of 30 managers
 * and 2 admins, with lines, payments and scores by the model that is installed. A desk that has people is
 * left as it is. All of them enter with the one password.
 */
export async function seedDesk(
  url: string,
  { password, now = new Date() }: { password: string; now?: Date },
): Promise<Seeded> {
  const db = openDb(url, { poolSize: 2 })
  try {
    const written = (await hasPeople(db.pool)) ? null : await seed(db, password, now)
    const shown = await db.prisma.manager.findFirst({
      where: { user: { emailKey: LOG_INS.manager } },
    })
    if (shown) await fillWallet(db)
    return { clients: 0, scores: 0, ...written, isDemonstration: shown !== null }
  } finally {
    await db.close()
  }
}

async function seed(db: Db, password: string, now: Date) {
  // The model's runtime takes longer to load than it is worth where there is nothing to do.
  const { scoreHistory } = await import('./score-history.js')
  const latest = monthBefore(now.toISOString().slice(0, 10))
  const passwordHash = await hashPassword(password)
  const people = drawPeople(readParameters(), { latest, passwordHash })
  const model = (await loadCatalogue()).model(MODEL)
  const scores = model ? await scoreHistory(model, people.clients) : []
  const written = await writeOnce(db, people, passwordHash, scores)
  return written ? { clients: people.clients.length, scores: scores.length } : null
}

async function hasPeople(db: Pick<Db['pool'], 'query'>): Promise<boolean> {
  const { rows } = await db.query('SELECT FROM managers UNION ALL SELECT FROM clients LIMIT 1')
  return rows.length > 0
}

/** In one transaction, of which a second one waits for the first; false = that one was quicker. */
async function writeOnce(
  { pool }: Db,
  { staff, clients }: People,
  passwordHash: string,
  scores: Parameters<typeof insertScores>[1],
): Promise<boolean> {
  const connection = await pool.connect()
  try {
    await connection.query('BEGIN')
    await connection.query(`SELECT pg_advisory_xact_lock(hashtextextended('desk-seed', 0))`)
    if (await hasPeople(connection)) {
      await connection.query('ROLLBACK')
      return false
    }
    await insertStaff(connection, staff, passwordHash)
    await insertClients(connection, clients)
    await insertScores(connection, scores)
    await connection.query(deskPays)
    await connection.query('COMMIT')
    return true
  } catch (error) {
    await connection.query('ROLLBACK')
    throw error
  } finally {
    connection.release()
  }
}

const insertStaff = (db: Queryable, staff: readonly Colleague[], passwordHash: string) =>
  db.query(
    `WITH colleague AS (
       SELECT * FROM jsonb_to_recordset($1) AS c (
         id uuid, email text, "firstName" text, "lastName" text, "isAdmin" boolean)
     ), account AS (
       INSERT INTO users (id, email, email_key, password_hash, is_admin)
       SELECT id, email, email, $2, "isAdmin" FROM colleague
     ), wallet AS (
       INSERT INTO wallets (user_id) SELECT id FROM colleague
     )
     INSERT INTO managers (user_id, first_name, last_name, hired_at)
     SELECT id, "firstName", "lastName", now() FROM colleague WHERE NOT "isAdmin"`,
    [JSON.stringify(staff), passwordHash],
  )

const deskPays = `
  INSERT INTO desk_policies (payer, approve_below, decline_from, second_approval_above,
    protected_fields, price_note, reason)
  SELECT 'DESK', approve_below, decline_from, second_approval_above, protected_fields, price_note,
    'The demonstration’s desk pays for scores.'
  FROM desk_policies ORDER BY version DESC LIMIT 1`

/** Play money, once: where the wallet has moved before nothing is added. */
async function fillWallet(db: Db): Promise<void> {
  const userId = await deskAccount(db)
  await createEventPartitions(db.pool)
  await db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM wallets WHERE user_id = ${userId}::uuid FOR NO KEY UPDATE`
    const { seq } = await tx.wallet.findUniqueOrThrow({ where: { userId } })
    if (seq > 0n) return
    await bookTransfer(tx, {
      ...{ userId, kind: 'TOP_UP', debit: 'TOP_UPS', credit: 'AVAILABLE', amount: DESK_CREDITS },
      reason: 'The demonstration’s desk',
    })
  })
}
