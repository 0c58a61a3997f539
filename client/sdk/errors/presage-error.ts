/** Everything that this package throws by itself, except an aborted signal's reason. */
export class PresageError extends Error {
  override readonly name: string = 'PresageError'

  /** @param code stable, SCREAMING_SNAKE; the message may change. */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
