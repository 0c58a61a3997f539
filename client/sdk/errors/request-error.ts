import { PresageError } from './presage-error.js'

/** The server refused the request itself, or failed: `FORBIDDEN`, `LIMIT_EXCEEDED`, `INTERNAL` … */
export class RequestError extends PresageError {
  override readonly name = 'RequestError'

  /**
   * @param path of the field that failed
   * @param correlationId under which the server has logged it
   */
  constructor(
    code: string,
    message: string,
    readonly path: readonly (string | number)[],
    readonly correlationId: string | undefined,
  ) {
    super(code, message)
  }
}
