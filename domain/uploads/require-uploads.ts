import { validate } from 'uuid'
import type { ParsedRequest } from '../catalogue/parse-request.js'
import type { Domain } from '../domain.js'
import { type InputIssue, InvalidInputError } from '../errors.js'
import type { Viewer } from '../viewer.js'

/** An upload that an input names. */
interface Named {
  feature: string
  title: string
  upload: string
}

/** A checked request, and the prediction that it is to become; null = none yet, as for a draft. */
export interface UploadClaim {
  parsed: ParsedRequest
  predictionId: string | null
}

/**
 * Requires the uploads that a request names to be the caller’s own and kept still, and notes that
 * the prediction uses them. Another’s is refused as one that never was. Nothing is read or written
 * for a model that takes none.
 *
 * @throws InvalidInputError naming each feature.
 */
export async function requireUploads(
  domain: Domain,
  viewer: Pick<Viewer, 'userId'>,
  claim: UploadClaim,
): Promise<void> {
  const [issues] = await uploadIssues(domain, viewer, [claim])
  if (issues && issues.length > 0) throw new InvalidInputError(issues)
}

/** The same for many, in one statement: what is wrong with each, in their order. */
export async function uploadIssues(
  domain: Domain,
  { userId }: Pick<Viewer, 'userId'>,
  claims: readonly UploadClaim[],
): Promise<InputIssue[][]> {
  const named = claims.map(({ parsed }) => uploadsOf(parsed))
  const uses = named.flatMap((uploads, n) =>
    uploads
      .filter(({ upload }) => isId(upload))
      .map(({ upload }) => ({ upload, prediction: claims[n]?.predictionId ?? null })),
  )
  const good = uses.length > 0 ? await claimUploads(domain, userId, uses) : new Set<string>()
  return named.map((uploads) => uploads.filter(({ upload }) => !good.has(upload)).map(issueOf))
}

/** As it was told: in capitals it would be the same row, and no file. */
const isId = (text: string): boolean => validate(text) && text === text.toLowerCase()

const issueOf = ({ feature, title }: Named): InputIssue => ({
  path: [feature],
  message: `${title}: you have no such upload, or it is not kept any more. Upload it again.`,
})

function uploadsOf({ model, values }: ParsedRequest): Named[] {
  return model.card.features.flatMap(({ name: feature, title, type }) => {
    const value = type === 'upload' ? values[feature] : undefined
    return typeof value === 'string' ? [{ feature, title, upload: value }] : []
  })
}

/** Notes which predictions use which of the user’s uploads; answers with those that are good. */
async function claimUploads(
  { db, identity }: Domain,
  userId: string,
  uses: readonly { upload: string; prediction: string | null }[],
): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ id: string }>(claim, [
    userId,
    identity.now(),
    JSON.stringify(uses),
  ])
  return new Set(rows.map(({ id }) => id))
}

const claim = `
  WITH asked AS (
    SELECT x.upload, x.prediction FROM jsonb_to_recordset($3::jsonb) AS x(upload uuid, prediction uuid)),
  good AS (
    SELECT a.upload, a.prediction FROM asked a
    CROSS JOIN LATERAL (
      SELECT FROM uploads u
      WHERE u.id = a.upload AND u.user_id = $1 AND u.expires_at > $2 OFFSET 0) own),
  noted AS (
    INSERT INTO upload_uses (prediction_id, upload_id, user_id, used_at)
    SELECT prediction, upload, $1, $2 FROM good WHERE prediction IS NOT NULL
    ON CONFLICT DO NOTHING)
  SELECT DISTINCT upload AS id FROM good`

/** Whether a request names any upload. */
export const takesUploads = (parsed: ParsedRequest): boolean => uploadsOf(parsed).length > 0

/** Forgets the uses of predictions that did not come about. */
export async function releaseUploads(
  { db }: Pick<Domain, 'db'>,
  predictionIds: readonly string[],
): Promise<void> {
  if (predictionIds.length === 0) return
  await db.pool.query(
    `DELETE FROM upload_uses u WHERE u.prediction_id = ANY ($1::uuid[]) AND NOT EXISTS (
      SELECT FROM predictions p WHERE p.id = u.prediction_id AND p.status <> 'DRAFT')`,
    [predictionIds],
  )
}
