import type { Domain } from '../domain.js'

/** Files of one turn. */
const BATCH = 100

/** Erases the pictures that a user has sent; it may be repeated. */
export async function eraseUploads({ db, files }: Domain, userId: string): Promise<void> {
  for (;;) {
    const uploads = await db.prisma.upload.findMany({
      where: { userId },
      select: { id: true },
      take: BATCH,
    })
    const ids = uploads.map(({ id }) => id)
    if (ids.length === 0) return
    for (const id of ids) await files.remove(id)
    await db.prisma.upload.deleteMany({ where: { id: { in: ids } } })
  }
}

/** Erases the pictures that came of a user’s predictions, of one model or of all; it may be repeated. */
export async function eraseResults(
  { db, files }: Domain,
  userId: string,
  model?: string,
): Promise<void> {
  for (;;) {
    const { rows } = await db.pool.query<{ id: string }>(ended, [userId, model])
    const ids = rows.map(({ id }) => id)
    if (ids.length === 0) return
    for (const id of ids) await files.remove(id)
    await db.prisma.uploadUse.deleteMany({ where: { predictionId: { in: ids } } })
  }
}

/** What is still open has its end before it; a use whose prediction never came about goes with all. */
const ended = `
  SELECT DISTINCT n.prediction_id AS id FROM upload_uses n
  LEFT JOIN predictions p ON p.id = n.prediction_id
  WHERE n.user_id = $1 AND ($2::text IS NULL OR p.model = $2)
    AND coalesce(p.status NOT IN ('QUEUED', 'RUNNING'), true)
  LIMIT ${BATCH}`
