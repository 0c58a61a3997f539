import type { Db } from '@presage/prisma/client'
import type { Event, Transfer, Wallet } from '@presage/prisma/generated/client/client'
import type pg from 'pg'
import { untilDecided } from '../lane/database-errors.js'
import { Lane } from '../lane/lane.js'
import { PREDICTION_COLUMNS, type Prediction } from '../predictions/prediction.js'

/** Where a reader of a user's log stands. */
export interface LogPosition {
  userId: string
  after: bigint
}

/** One change of a user's log, with the transfer it made. */
export interface LoggedChange extends Event {
  transfer: Transfer | null
}

/** The shared reads behind live results: watchers that wake together read in one statement. */
export interface ReadLanes {
  readonly predictions: Lane<string, Prediction | null>
  readonly wallets: Lane<string, Wallet | null>
  readonly log: Lane<LogPosition, LoggedChange[]>
}

/** The most changes of one user that one read returns. */
export const LOG_PAGE = 256

/** A database that restarts delays its watchers by so much before it ends them with an error. */
const TRY_FOR_MS = 3000

export const readLanes = (open: Db['lane']): ReadLanes => ({
  predictions: readLane(open('predictions'), readPredictions),
  wallets: readLane(open('wallets'), readWallets),
  log: readLane(open('log'), readLog),
})

const readLane = <Key, Row>(
  pool: pg.Pool,
  read: (pool: pg.Pool, keys: Key[]) => Promise<Row[]>,
): Lane<Key, Row> => new Lane((keys) => untilDecided(() => read(pool, keys), TRY_FOR_MS))

async function readPredictions(pool: pg.Pool, ids: string[]): Promise<(Prediction | null)[]> {
  const { rows } = await pool.query<Prediction>({
    name: 'read_predictions',
    text: `SELECT ${PREDICTION_COLUMNS} FROM predictions p WHERE p.id = ANY ($1::uuid[])`,
    values: [[...new Set(ids)]],
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id) ?? null)
}

async function readWallets(pool: pg.Pool, userIds: string[]): Promise<(Wallet | null)[]> {
  const { rows } = await pool.query<Wallet>({
    name: 'read_wallets',
    text: `SELECT user_id AS "userId", balance, bonus, held, seq FROM wallets
           WHERE user_id = ANY ($1::uuid[])`,
    values: [[...new Set(userIds)]],
  })
  const byId = new Map(rows.map((row) => [row.userId, row]))
  return userIds.map((id) => byId.get(id) ?? null)
}

type LogRow = Event & { n: number } & { [K in keyof Transfer as `t_${K & string}`]: Transfer[K] }

async function readLog(pool: pg.Pool, positions: LogPosition[]): Promise<LoggedChange[][]> {
  const { rows } = await pool.query<LogRow>({
    name: 'read_log',
    text: `
      SELECT u.n::int - 1 AS n, e.*
      FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS u(user_id, after, n)
      CROSS JOIN LATERAL (
        SELECT e.user_id AS "userId", e.seq, e.prediction_id AS "predictionId",
          e.from_status AS "from", e.to_status AS "to", e.occurred_at AS "occurredAt",
          t.kind AS "t_kind", t.debit AS "t_debit", t.credit AS "t_credit", t.amount AS "t_amount",
          t.bonus_amount AS "t_bonusAmount", t.available_after AS "t_availableAfter",
          t.reason AS "t_reason", t.actor_id AS "t_actorId", t.created_at AS "t_createdAt"
        FROM events e LEFT JOIN transfers t
          ON t.user_id = e.user_id AND t.seq = e.seq AND t.seq > u.after
        WHERE e.user_id = u.user_id AND e.seq > u.after
        ORDER BY e.seq LIMIT ${LOG_PAGE}
      ) e ORDER BY u.n, e.seq`,
    values: [positions.map((p) => p.userId), positions.map((p) => p.after)],
  })
  const pages: LoggedChange[][] = positions.map(() => [])
  for (const row of rows) pages[row.n]?.push(changeOf(row))
  return pages
}

const changeOf = (row: LogRow): LoggedChange => ({
  userId: row.userId,
  seq: row.seq,
  predictionId: row.predictionId,
  from: row.from,
  to: row.to,
  occurredAt: row.occurredAt,
  transfer: row.t_kind === null ? null : transferOf(row),
})

const transferOf = (row: LogRow): Transfer => ({
  userId: row.userId,
  seq: row.seq,
  kind: row.t_kind,
  debit: row.t_debit,
  credit: row.t_credit,
  amount: row.t_amount,
  bonusAmount: row.t_bonusAmount,
  availableAfter: row.t_availableAfter,
  predictionId: row.predictionId,
  reason: row.t_reason,
  actorId: row.t_actorId,
  idempotencyKey: null,
  requestHash: null,
  createdAt: row.t_createdAt,
})
