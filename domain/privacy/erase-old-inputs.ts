import type { Prediction } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import { firstIdAt } from '../predictions/first-id-at.js'
import { hasEnded } from '../predictions/prediction.js'
import { type InputTerm, inputTerms } from './input-terms.js'

const DAY_MS = 86_400_000
const BATCH = 500
const NO_ID = '00000000-0000-0000-0000-000000000000'

/**
 * Erases the inputs that are older than their model's term, their explanations and drafts with them;
 * outcomes and charges stay. Any number of servers may call it.
 */
export async function eraseOldInputs(domain: Domain): Promise<void> {
  for (const term of await inputTerms(domain)) while (await eraseBatch(domain, term));
}

/** Goes on from the mark; returns whether there may be more. */
async function eraseBatch(domain: Domain, { model, keptDays }: InputTerm): Promise<boolean> {
  const { db, identity } = domain
  const horizon = firstIdAt(before(identity.now(), keptDays))
  const mark = await db.prisma.retentionMark.findUnique({ where: { model } })
  const old = await db.prisma.prediction.findMany({
    where: { model, id: { gt: mark?.upTo ?? NO_ID, lt: horizon } },
    select: { id: true, status: true },
    orderBy: { id: 'asc' },
    take: BATCH,
  })
  const ripe = ripeOf(old)
  const ids = ripe.map(({ id }) => id)
  await db.prisma.prediction.deleteMany({ where: { id: { in: ids }, status: 'DRAFT' } })
  await db.pool.query(erase, [ids])
  // Behind the last one all is looked through: a model that is seldom run is not read from its start.
  const isThrough = ripe.length === old.length && old.length < BATCH
  const upTo = isThrough ? horizon : ripe.at(-1)?.id
  if (upTo)
    await db.prisma.retentionMark.upsert({
      where: { model },
      create: { model, upTo },
      update: { upTo },
    })
  return ripe.length === BATCH
}

const erase = `
  UPDATE predictions SET input = '{}', explanation = NULL, request_hash = NULL,
    erased_at = clock_timestamp()
  WHERE id = ANY ($1::uuid[]) AND erased_at IS NULL AND status NOT IN ('QUEUED', 'RUNNING')`

/** What the mark may pass: it waits for what is still under way. */
function ripeOf(old: Pick<Prediction, 'id' | 'status'>[]) {
  const open = old.findIndex((each) => each.status !== 'DRAFT' && !hasEnded(each))
  return open < 0 ? old : old.slice(0, open)
}

const before = (now: Date, days: number) => now.getTime() - days * DAY_MS
