import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Domain } from '@presage/domain/domain'
import { DomainError, NotFoundError } from '@presage/domain/errors'
import { FILES_PATH, FileLinkError } from '@presage/domain/uploads/file-link'
import { type OpenFile, openFile } from '@presage/domain/uploads/open-file'

/** Answers links to files: the link itself is what permits it. */
export const fileRoute =
  (domain: Domain) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request
    if (answerOnlyReads(request, response)) return
    const [path = ''] = url.split('?', 1)
    try {
      const file = await openFile(domain, path.slice(FILES_PATH.length))
      response.writeHead(200, headersOf(file, domain.identity.now()))
      if (method === 'HEAD') response.end()
      else await pipeline(Readable.from(file.chunks, { objectMode: false }), response)
    } catch (error) {
      // A file that breaks off half-way shows by its length.
      if (response.headersSent) response.destroy()
      else refuse(response, error)
    }
  }

/** Whether the request would do more than read, and has its answer. */
export function answerOnlyReads({ method }: IncomingMessage, response: ServerResponse): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  response.setHeader('allow', 'GET, HEAD')
  answerError(response, 405, 'METHOD_NOT_ALLOWED', 'Files are only read here.')
  return true
}

const headersOf = ({ mediaType, bytes, fileName, expiresAt }: OpenFile, now: Date) => ({
  'content-type': mediaType,
  'content-length': bytes,
  'content-disposition': `inline; filename="${fileName}"`,
  'cache-control': `private, max-age=${Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1000))}, immutable`,
  'content-security-policy': "default-src 'none'; sandbox",
})

function refuse(response: ServerResponse, error: unknown): void {
  const status = statusOf(error)
  if (status === 503) response.setHeader('retry-after', '1')
  if (error instanceof DomainError) answerError(response, status, error.code, error.message)
  else answerError(response, status, 'UNAVAILABLE', 'The picture cannot be read now. Try again.')
}

function statusOf(error: unknown): number {
  if (error instanceof FileLinkError) return 403
  return error instanceof NotFoundError ? 404 : 503
}

/** Answers for a file that is not to be had. */
export function answerError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify({ error: { code, message } }))
}
