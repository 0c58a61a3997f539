/** Where a NATS cluster is and how to enter it, as the NATS client takes it. */
export interface NatsAddress {
  servers: string[]
  user?: string
  pass?: string
  tls?: object
}

/**
 * Takes NATS URLs of one cluster apart: user and password are those of the first, as the client
 * wants them apart; one `tls:` address encrypts all.
 */
export function natsAddress(urls: readonly string[]): NatsAddress {
  const parsed = urls.map((url) => new URL(url))
  const { username = '', password = '' } = parsed[0] ?? {}
  return {
    servers: parsed.map(({ host }) => host),
    ...(username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(parsed.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  }
}
