import { v7 as uuidv7 } from 'uuid'
import type { ParsedRequest } from '../catalogue/parse-request.js'
import type { Domain } from '../domain.js'
import { releaseUploads, takesUploads, uploadIssues } from '../uploads/require-uploads.js'
import type { Viewer } from '../viewer.js'
import type { CheckedItems } from './check-items.js'

/** Items of which each accepted one has the id of the prediction that it is to become. */
export interface ClaimedItems extends CheckedItems {
  accepted: (CheckedItems['accepted'][number] & { id: string })[]
}

/** Refuses the items among the accepted whose uploads are not the caller’s, and notes the others’. */
export async function claimItems(
  domain: Domain,
  viewer: Viewer,
  { accepted, refused, hash }: CheckedItems,
): Promise<ClaimedItems> {
  const items = accepted.map((item) => ({ ...item, id: uuidv7() }))
  const claims = items.map(({ parsed, id: predictionId }) => ({ parsed, predictionId }))
  const issues = await uploadIssues(domain, viewer, claims)
  const isGood = (_item: unknown, n: number) => issues[n]?.length === 0
  const lacking = items.flatMap(({ index }, n) =>
    issues[n]?.length ? [{ index, issues: issues[n] }] : [],
  )
  return {
    accepted: items.filter(isGood),
    refused: [...refused, ...lacking].sort((a, b) => a.index - b.index),
    hash,
  }
}

/** Forgets the uploads of items that no prediction came of. */
export const releaseItems = (
  domain: Domain,
  items: readonly { id: string; parsed?: ParsedRequest | undefined }[],
): Promise<void> =>
  releaseUploads(
    domain,
    items.flatMap(({ id, parsed }) => (parsed && takesUploads(parsed) ? [id] : [])),
  )
