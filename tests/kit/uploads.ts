import type { ObjectStore } from '@nats-io/obj'
import { Objm } from '@nats-io/obj'
import { FILES_BUCKET } from '@presage/messages/files'
import type { Result } from '@presage/messages/result'
import type { Answer, Api, Variables } from './api.js'
import type { HandWorker } from './hand-worker.js'

/** What an upload is answered with. */
export interface UploadView {
  __typename: string
  id: string
  width: number
  height: number
  expiresAt: string
  code?: string
  issues?: { path: string[]; message: string; max: number | null }[]
  retryAfterMs?: number
}

const UPLOAD = `mutation ($file: Upload!) { uploadImage(file: $file) {
  __typename
  ... on UploadImagePayload { id width height expiresAt }
  ... on Error { code message }
  ... on InvalidInputError { issues { path message max } }
  ... on RateLimitedError { retryAfterMs }
} }`

const PREFLIGHT = { 'graphql-require-preflight': '1' }

interface FormOptions {
  variables?: Variables
  headers?: Record<string, string>
}

/**
 * Sends an operation and the file for its variable `file` as a multipart request (GraphQL multipart
 * request specification); answers as {@link Api.ask} does.
 */
export async function askWithFile<T>(
  { url, accessToken }: Pick<Api, 'url' | 'accessToken'>,
  query: string,
  bytes: Uint8Array,
  { variables = {}, headers = PREFLIGHT }: FormOptions = {},
): Promise<Answer<T> & { status: number }> {
  const form = new FormData()
  form.append('operations', JSON.stringify({ query, variables: { ...variables, file: null } }))
  form.append('map', JSON.stringify({ 0: ['variables.file'] }))
  // Its name and its type are the sender's word, and both are wrong.
  form.append('0', new Blob([new Uint8Array(bytes)], { type: 'text/plain' }), 'notes.txt')
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...headers, ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}) },
    body: form,
  })
  return { ...((await response.json()) as Answer<T>), status: response.status }
}

/** Uploads a picture. */
export const postFile = (
  api: Pick<Api, 'url' | 'accessToken'>,
  bytes: Uint8Array,
  headers: Record<string, string> = PREFLIGHT,
) => askWithFile<{ uploadImage: UploadView }>(api, UPLOAD, bytes, { headers })

/** @throws when GraphQL answers with errors. */
export async function upload(api: Api, bytes: Uint8Array): Promise<UploadView> {
  const { data, errors } = await postFile(api, bytes)
  if (!data) throw new Error(JSON.stringify(errors))
  return data.uploadImage
}

/** The bucket, as a worker has it. */
export const bucketOf = ({ connection }: HandWorker): Promise<ObjectStore> =>
  new Objm(connection).open(FILES_BUCKET)

/** The names of all files that are kept. */
export const filesOf = async (hand: HandWorker): Promise<string[]> =>
  (await (await bucketOf(hand)).list()).map(({ name }) => name).sort()

/** Has the next job of a model of pictures succeed with one, put where results belong. */
export async function outline(hand: HandWorker, png: Buffer, model = 'outline'): Promise<string> {
  const { job, message } = await hand.take(model)
  const bucket = await bucketOf(hand)
  const original = await bucket.getBlob(String(job.input.photo))
  if (!original?.length) throw new Error('the job names no upload')
  await bucket.putBlob({ name: job.id }, png)
  await hand.settle(outlined(job.id, png))
  message.ack()
  return job.id
}

/** The result of a job that made this picture, of 40 by 20 pixels. */
export const outlined = (id: string, { length: bytes }: Buffer): Result => ({
  ...{ id, outcome: 'succeeded' },
  output: { kind: 'image', mediaType: 'image/png', width: 40, height: 20, bytes, measures: [] },
})
