import { PresageError } from '../errors/presage-error.js'
import type { Http } from '../transport/http.js'
import type { ReadOptions } from '../transport/read-options.js'

/** Whatever says where its picture is; null = it is not kept any more, or not yours. */
export interface Linked {
  url: string | null
}

/**
 * The picture was not had: `NOT_FOUND` = it is not kept any more, `LINK_EXPIRED` = read its output
 * again for another link, `LINK_INVALID`, `UNAVAILABLE` = try again.
 */
export class DownloadError extends PresageError {
  override readonly name = 'DownloadError'
}

/**
 * Fetches a picture whole.
 *
 * @throws DownloadError, NetworkError, or the signal's reason.
 */
export async function download(
  http: Http,
  { url }: Linked,
  { signal }: ReadOptions = {},
): Promise<Blob> {
  if (url === null) throw new DownloadError('NOT_FOUND', 'This picture is not kept any more.')
  const response = await http.file(url, signal)
  if (response.ok) return response.blob()
  const { code, message } = await faultOf(response)
  throw new DownloadError(code, message)
}

async function faultOf(response: Response): Promise<{ code: string; message: string }> {
  const told: unknown = await response.json().catch(() => null)
  const fault = typeof told === 'object' && told !== null && 'error' in told ? told.error : null
  const isFault =
    typeof fault === 'object' && fault !== null && 'code' in fault && 'message' in fault
  return isFault
    ? { code: String(fault.code), message: String(fault.message) }
    : { code: 'UNAVAILABLE', message: `The server answered ${response.status}.` }
}
