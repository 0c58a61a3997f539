import { v7 as uuidv7 } from 'uuid'
import { MAX_ITEMS } from '../../bulks/bulk-run.js'
import { IdempotencyConflictError, InvalidInputError, NotFoundError } from '../../errors.js'
import { requestHash } from '../../predictions/request-hash.js'
import type { Desk } from '../desk.js'
import { deskAccount } from '../desk-account.js'
import { type DeskViewer, requireAdmin, requireStaff } from '../desk-viewer.js'
import { readPolicy } from '../policy.js'
import { readRun } from './read-run.js'
import type { DeskRun } from './run.js'

/** A run that was asked for, and whether its key had been used before. */
export interface StartedRun {
  run: DeskRun
  /** Nothing was charged again. */
  replayed: boolean
}

/** Whose clients are to be rescored. */
type Chosen = { clientIds: readonly string[] } | { managerId: string | null }

const MOST = 10_000

/**
 * Rescores these clients, all of whom the caller looks after; who cannot be scored is told in the run.
 * Everything is written before anything is held, so that the run goes on whatever server is killed.
 *
 * @param key the caller's own, 1 to 64 characters: the same again answers with the same run.
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, IdempotencyConflictError
 */
export async function rescoreClients(
  desk: Desk,
  me: DeskViewer,
  clientIds: readonly string[],
  key: string,
): Promise<StartedRun> {
  requireStaff(me)
  const ids = [...new Set(clientIds)].sort()
  if (ids.length < 1 || ids.length > MOST)
    throw new InvalidInputError([
      { path: ['clients'], message: `Send 1 to ${MOST.toLocaleString('en')}.`, min: 1, max: MOST },
    ])
  return start(desk, me, { clientIds: ids }, key)
}

/**
 * Rescores all clients of the caller, or, for an admin, of a manager or (null) of the desk.
 *
 * @param key as for {@link rescoreClients}.
 * @throws DeskForbiddenError, InvalidInputError, IdempotencyConflictError
 */
export async function rescorePortfolio(
  desk: Desk,
  me: DeskViewer,
  managerId: string | null,
  key: string,
): Promise<StartedRun> {
  requireStaff(me)
  if (managerId !== null && managerId !== me.userId) requireAdmin(me)
  return start(desk, me, { managerId: me.isAdmin ? managerId : me.userId }, key)
}

async function start(desk: Desk, me: DeskViewer, chosen: Chosen, key: string): Promise<StartedRun> {
  if (key.length < 1 || key.length > 64)
    throw new InvalidInputError([
      { path: ['idempotencyKey'], message: 'Send 1 to 64 characters.', min: 1, max: 64 },
    ])
  const hash = Buffer.from(requestHash(chosen), 'hex')
  const known = await findByKey(desk, me, key, hash)
  const written = known ?? (await write(desk, me, chosen, key, hash))
  const id = written ?? (await findByKey(desk, me, key, hash))
  if (!id) throw new NotFoundError('No such client.')
  desk.runner.wake()
  return { run: await readRun(desk, me, id), replayed: id === known || written === null }
}

async function findByKey(
  { domain }: Desk,
  { userId: askedBy }: DeskViewer,
  idempotencyKey: string,
  hash: Buffer,
): Promise<string | null> {
  const known = await domain.db.prisma.deskRun.findFirst({ where: { askedBy, idempotencyKey } })
  if (known && !hash.equals(known.requestHash))
    throw new IdempotencyConflictError('This key was used for other clients.')
  return known?.id ?? null
}

/** Null when the key has been used meanwhile, or when not all of the clients are the caller's. */
async function write(
  { domain }: Desk,
  me: DeskViewer,
  chosen: Chosen,
  key: string,
  hash: Buffer,
): Promise<string | null> {
  const { payer } = await readPolicy(domain.db)
  const payerId = payer === 'CLIENT' ? null : await deskAccount(domain.db)
  const ids = 'clientIds' in chosen ? chosen.clientIds : null
  const managerId = 'managerId' in chosen ? chosen.managerId : null
  const own = ids && !me.isAdmin ? me.userId : managerId
  const { rows } = await domain.db.pool.query<{ id: string }>({
    name: 'desk_start_run',
    text: statement,
    values: [uuidv7(), me.userId, key, hash, payerId, ids, own],
  })
  return rows[0]?.id ?? null
}

/** In the order of names, so that a run that is looked at goes down the list. */
const statement = `
  WITH chosen AS MATERIALIZED (
    SELECT c.user_id, c.rating, c.band, c.facts_version,
      row_number() OVER (ORDER BY c.name_key, c.user_id)::int - 1 AS n
    FROM clients c
    WHERE c.erased_at IS NULL AND ($6::uuid[] IS NULL OR c.user_id = ANY ($6))
      AND ($7::uuid IS NULL OR c.manager_id = $7)
  ), run AS (
    INSERT INTO desk_runs (id, asked_by, idempotency_key, request_hash, size)
    SELECT $1, $2, $3, $4, count(*) FROM chosen
    HAVING $6 IS NULL OR count(*) = cardinality($6)
    ON CONFLICT (asked_by, idempotency_key) DO NOTHING RETURNING id
  ), parts AS (
    INSERT INTO desk_run_parts (run_id, part, payer_id)
    SELECT DISTINCT run.id, n / ${MAX_ITEMS}, $5::uuid FROM run, chosen
  ), listed AS (
    INSERT INTO desk_run_clients (run_id, part, place, client_id, rating, band, facts_version)
    SELECT run.id, n / ${MAX_ITEMS}, n % ${MAX_ITEMS}, user_id, rating, band, facts_version
    FROM run, chosen
  )
  SELECT id FROM run`
