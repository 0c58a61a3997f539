import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Desk } from '@presage/domain/desk/desk'
import { DeskForbiddenError } from '@presage/domain/desk/errors'
import { exportClients } from '@presage/domain/desk/export/export-clients'
import { EXPORTS_PATH, readExportLink } from '@presage/domain/desk/export/export-link'
import { FileLinkError } from '@presage/domain/uploads/file-link'
import { answerError, answerOnlyReads } from '../http/file-route.js'

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Answers links to exports of the desk; other links to files are answered by the other route. */
export const exportRoute =
  (desk: Pick<Desk, 'domain'>, other: Route): Route =>
  async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (!path.startsWith(EXPORTS_PATH)) return other(request, response)
    if (answerOnlyReads(request, response)) return
    try {
      const me = await readExportLink(desk, path.slice(EXPORTS_PATH.length))
      response.writeHead(200, headersAt(desk.domain.identity.now()))
      if (request.method === 'HEAD') response.end()
      else await pipeline(Readable.from(exportClients(desk, me)), response)
    } catch (error) {
      // One that breaks off half-way shows by its last chunk, which is missing.
      if (response.headersSent) response.destroy()
      else refuse(response, error)
    }
  }

const headersAt = (now: Date) => ({
  'content-type': 'text/csv; charset=utf-8',
  'content-disposition': `attachment; filename="clients-${now.toISOString().slice(0, 10)}.csv"`,
  'cache-control': 'no-store',
})

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof FileLinkError || error instanceof DeskForbiddenError)
    answerError(response, 403, error.code, error.message)
  else answerError(response, 503, 'UNAVAILABLE', 'The clients cannot be read now. Try again.')
}
