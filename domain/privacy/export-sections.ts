import type { Domain } from '../domain.js'
import { capsOf } from '../identity/spending-caps.js'

const PAGE = 200
/** Each may have a thousand refused items. */
const BULK_PAGE = 5
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** A record under its key. */
export type Keyed = [key: string, record: Record<string, unknown>]

/** Reads a page of records behind a key, in the order of the keys; '' = from the start. */
export type Read = (domain: Domain, userId: string, after: string) => Promise<Keyed[]>

/** One kind of what is kept about a user. */
export interface ExportSection {
  /** No other section has it. */
  name: string
  /** How its keys read, without a line break. */
  key: RegExp
  read: Read
}

const UUID = '[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}'
export const ID = new RegExp(`^${UUID}$`)
const PAIR = new RegExp(`^${UUID}:${UUID}$`)

/** What the platform keeps about a user, in the order of the export; those of products follow. */
export const SECTIONS: readonly ExportSection[] = [
  { name: 'account', key: ID, read: readAccount },
  { name: 'sessions', key: ID, read: readSessions },
  { name: 'apiKeys', key: ID, read: readApiKeys },
  { name: 'consents', key: ID, read: readConsents },
  { name: 'adminActions', key: ID, read: readAdminActions },
  { name: 'transactions', key: /^\d{1,18}$/, read: readTransfers },
  { name: 'uploads', key: ID, read: readUploads },
  { name: 'predictions', key: ID, read: readPredictions },
  // A prediction's id and their own.
  { name: 'shadowRuns', key: PAIR, read: readShadowRuns },
  { name: 'bulks', key: ID, read: readBulks },
]

async function readAccount({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  if (after) return []
  const user = await db.prisma.user.findUniqueOrThrow({
    where: { id: userId },
    include: { wallet: true, totp: true },
  })
  const { email, createdAt, isAdmin, wallet, totp } = user
  const { balance, bonus, held } = wallet ?? { balance: 0n, bonus: 0n, held: 0n }
  const credits = { balance: Number(balance), bonus: Number(bonus), held: Number(held) }
  const secondFactorSince = totp?.confirmedAt ?? null
  return [[userId, { email, createdAt, isAdmin, secondFactorSince, credits }]]
}

async function readSessions({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.session.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    select: {
      id: true,
      device: true,
      address: true,
      createdAt: true,
      expiresAt: true,
      revokedAt: true,
    },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

async function readApiKeys(
  { db, identity }: Domain,
  userId: string,
  after: string,
): Promise<Keyed[]> {
  const rows = await db.prisma.apiKey.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true, secretHash: true },
    include: { spending: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map(({ spending, ...row }) => [
    row.id,
    { ...row, spendingCaps: capsOf(spending, identity.now()) },
  ])
}

/** When the user agreed to what, and withdrew it. */
async function readConsents({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.consentEntry.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

/** What admins did to the account and why; by whom is not the user's. */
async function readAdminActions({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.adminAction.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    select: { id: true, kind: true, reason: true, createdAt: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

async function readTransfers({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.transfer.findMany({
    where: { userId, ...(after && { seq: { gt: BigInt(after) } }) },
    omit: { userId: true, requestHash: true, actorId: true },
    orderBy: { seq: 'asc' },
    take: PAGE,
  })
  return rows.map(({ seq, amount, bonusAmount, availableAfter, ...row }) => [
    String(seq),
    {
      ...row,
      seq: Number(seq),
      amount: Number(amount),
      bonusAmount: Number(bonusAmount),
      availableAfter: Number(availableAfter),
    },
  ])
}

/** The pictures themselves are had from the gallery, as long as they are kept. */
async function readUploads({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.upload.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

async function readPredictions({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.prediction.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true, requestHash: true, dueAt: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

/**
 * What versions on trial answered to the user's inputs, in the order of the predictions: the key
 * names the run and its prediction, by whose index it is found.
 */
async function readShadowRuns({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const { rows } = await db.pool.query<{ id: string; predictionId: string }>(READ_SHADOW_RUNS, [
    userId,
    ...(after ? after.split(':') : [FIRST_ID, FIRST_ID]),
  ])
  return rows.map((row) => [`${row.predictionId}:${row.id}`, row])
}

const READ_SHADOW_RUNS = `
  SELECT s.id, s.prediction_id AS "predictionId", s.model, s.version, s.score, s.failure,
    s.created_at AS "createdAt"
  FROM predictions p JOIN shadow_runs s ON s.prediction_id = p.id
  WHERE p.user_id = $1 AND p.id >= $2 AND (p.id, s.id) > ($2, $3)
  ORDER BY p.id, s.id LIMIT ${PAGE}`

/** Each bulk with the items that were refused and why; the others are among the predictions. */
async function readBulks({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.bulk.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    select: {
      ...{ id: true, size: true, createdAt: true },
      items: {
        where: { predictionId: null },
        select: { index: true, refusal: true },
        orderBy: { index: 'asc' },
      },
    },
    orderBy: { id: 'asc' },
    take: BULK_PAGE,
  })
  return rows.map(({ items, ...row }) => [row.id, { ...row, refused: items }])
}
