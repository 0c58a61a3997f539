import { PresageError } from './presage-error.js'

/** No answer came, or none of Presage's: whether the call was carried out is not known. */
export class NetworkError extends PresageError {
  override readonly name: string = 'NetworkError'

  constructor(message: string, options?: ErrorOptions) {
    super('NETWORK', message, options)
  }
}

/** The WebSocket or the event stream was cut. */
export class ConnectionLostError extends NetworkError {
  override readonly name = 'ConnectionLostError'

  /** @param closed the close code, and the access token of the connection that was closed. */
  constructor(
    message: string,
    readonly closed: { code?: number | undefined; token: string | null },
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  /** The server closed it because the session or its access token ended. */
  get isForbidden(): boolean {
    return this.closed.code === 4403
  }
}
