import type { Db } from '@presage/prisma/client'
import type { Event, Transfer, Wallet } from '@presage/prisma/generated/client/client'
import type pg from 'pg'
import type { Bulk } from '../bulks/bulk.js'
import { readBulks } from '../bulks/read-bulk.js'
import { untilDecided } from '../lane/database-errors.js'
import { flushCommits, onOneSession, type Session } from '../lane/flush-commits.js'
import { Lane, type LaneObserver } from '../lane/lane.js'
import {
  type Prediction,
  type PredictionStatus,
  predictionColumns,
} from '../predictions/prediction.js'

/** Where a reader of a user's log stands, and what it wants to see with each change. */
export interface LogPosition {
  userId: string
  after: bigint
  /** When the change `after` was committed, if that is known: weeks before it are not looked into. */
  since: Date | null
  /** Whether the transfers are wanted. */
  transfers: boolean
  /** Predictions are wanted where they took on one of these; null = all. */
  statuses: readonly PredictionStatus[] | null
}

/** One change of a user's log, with the transfer it made and the prediction as it stands now. */
export interface LoggedChange extends Event {
  transfer: Transfer | null
  prediction: Prediction | null
}

/** The shared reads behind live results: watchers that wake together read in one statement. */
export interface ReadLanes {
  readonly predictions: Lane<string, Prediction | null>
  readonly wallets: Lane<string, Wallet | null>
  readonly bulks: Lane<string, Bulk | null>
  readonly log: Lane<LogPosition, LoggedChange[]>
}

/** The most changes of one user that one read returns. */
export const LOG_PAGE = 256

/** A database that restarts delays its watchers by so much before it ends them with an error. */
const TRY_FOR_MS = 3000

export const readLanes = (
  open: Db['lane'],
  observer?: (name: keyof ReadLanes) => LaneObserver,
): ReadLanes => ({
  predictions: readLane(open('predictions'), readPredictions, observer?.('predictions')),
  wallets: readLane(open('wallets'), readWallets, observer?.('wallets')),
  bulks: readLane(open('bulks'), readBulks, observer?.('bulks')),
  log: readLane(
    open('log'),
    (pool, places: LogPosition[]) => onOneSession(pool, (session) => readLog(session, places)),
    observer?.('log'),
  ),
})

const readLane = <Key, Row>(
  pool: pg.Pool,
  read: (pool: pg.Pool, keys: Key[]) => Promise<Row[]>,
  observer: LaneObserver | undefined,
): Lane<Key, Row> =>
  new Lane((keys) => untilDecided(() => read(pool, keys), TRY_FOR_MS), { observer })

async function readPredictions(pool: pg.Pool, ids: string[]): Promise<(Prediction | null)[]> {
  const { rows } = await pool.query<Prediction>({
    name: 'read_predictions',
    text: `SELECT ${predictionColumns()} FROM predictions p WHERE p.id = ANY ($1::uuid[])`,
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

type Prefixed<Prefix extends string, Row> = {
  [K in keyof Row as `${Prefix}${K & string}`]: Row[K]
}

type LogRow = Event & { n: number } & Prefixed<'t_', Transfer> & Prefixed<'p_', Prediction>

/**
 * The bounds of time leave out the weeks that cannot hold what is sought, 5 µs each; the day on
 * either side is for a database whose clock was set.
 */
async function readLog(session: Session, positions: LogPosition[]): Promise<LoggedChange[][]> {
  const { rows } = await session.query<LogRow>({
    name: 'read_log',
    text: `
      SELECT u.n::int - 1 AS n, e.*
      FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::boolean[], $5::text[])
        WITH ORDINALITY AS u(user_id, after, since, transfers, statuses, n)
      CROSS JOIN LATERAL (
        SELECT e.user_id AS "userId", e.seq, e.prediction_id AS "predictionId",
          e.from_status AS "from", e.to_status AS "to", e.occurred_at AS "occurredAt",
          t.kind AS "t_kind", t.debit AS "t_debit", t.credit AS "t_credit", t.amount AS "t_amount",
          t.bonus_amount AS "t_bonusAmount", t.available_after AS "t_availableAfter",
          t.reason AS "t_reason", t.actor_id AS "t_actorId", t.created_at AS "t_createdAt",
          ${predictionColumns('p_')}
        FROM events e
        LEFT JOIN transfers t
          ON u.transfers AND t.user_id = e.user_id AND t.seq = e.seq AND t.seq > u.after
        LEFT JOIN predictions p
          ON p.id = e.prediction_id
          AND (u.transfers OR u.statuses IS NULL
            OR e.to_status::text = ANY (string_to_array(u.statuses, ',')))
        WHERE e.user_id = u.user_id AND e.seq > u.after
          AND e.occurred_at >= u.since - interval '1 day'
          AND e.occurred_at < now() + interval '1 day'
        ORDER BY e.seq LIMIT ${LOG_PAGE}
      ) e ORDER BY u.n, e.seq`,
    values: [
      positions.map((p) => p.userId),
      positions.map((p) => p.after),
      positions.map((p) => p.since?.toISOString() ?? '-infinity'),
      positions.map((p) => p.transfers),
      positions.map((p) => p.statuses?.join() ?? null),
    ],
  })
  const pages: LoggedChange[][] = positions.map(() => [])
  for (const row of rows) pages[row.n]?.push(changeOf(row))
  // Who was told of a hold must not see it undone, or its place in the log taken by another change.
  // What stands behind it in the log has taken it along to the disk: all else is flushed when seen.
  if (pages.some((page) => page.at(-1)?.to === 'QUEUED')) await flushCommits(session)
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
  prediction: row.p_id === null ? null : predictionOf(row),
})

const predictionOf = (row: LogRow): Prediction => ({
  id: row.p_id,
  userId: row.p_userId,
  status: row.p_status,
  revision: row.p_revision,
  model: row.p_model,
  version: row.p_version,
  versionPinned: row.p_versionPinned,
  variant: row.p_variant,
  artifactSha256: row.p_artifactSha256,
  input: row.p_input,
  explain: row.p_explain,
  price: row.p_price,
  heldBonus: row.p_heldBonus,
  heldBalance: row.p_heldBalance,
  idempotencyKey: row.p_idempotencyKey,
  requestHash: row.p_requestHash,
  output: row.p_output,
  explanation: row.p_explanation,
  failure: row.p_failure,
  createdAt: row.p_createdAt,
  queuedAt: row.p_queuedAt,
  startedAt: row.p_startedAt,
  finishedAt: row.p_finishedAt,
  deadline: row.p_deadline,
  dueAt: row.p_dueAt,
  erasedAt: row.p_erasedAt,
  apiKeyId: row.p_apiKeyId,
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
