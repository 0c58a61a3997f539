import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

export const uploadedFields = graphql(`
  fragment UploadedFields on UploadImagePayload { id width height expiresAt }
`)

const uploadMutation = graphql(
  `
    mutation UploadImage($file: Upload!) {
      uploadImage(file: $file) { __typename ...UploadedFields ...Refusal }
    }
  `,
  [uploadedFields, refusalFields],
)

/** The bytes of a file, as browsers or Node have them. */
export type FileData = Blob | Uint8Array

/** A picture at the server: its `id` is what a model takes. */
export type Uploaded = ResultOf<typeof uploadedFields>

/**
 * Sends a JPEG, PNG or WebP of up to 25 MiB and 50 megapixels, repeated when the network fails.
 *
 * @throws InvalidInputError, RateLimitedError
 */
export async function uploadImage(
  caller: Caller,
  data: FileData,
  { signal }: ReadOptions = {},
): Promise<Uploaded> {
  // A copy, as the bytes may be a view of memory that others share.
  const file = data instanceof Blob ? data : new Blob([new Uint8Array(data)])
  const how = { signal, file, repeat: true }
  return payloadOf((await caller.call(uploadMutation, { file: null }, how)).uploadImage)
}
