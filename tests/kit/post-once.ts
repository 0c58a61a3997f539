import { request } from 'node:http'
import { json } from 'node:stream/consumers'

/** What came back. */
interface Answer {
  status: number | undefined
  // biome-ignore lint/suspicious/noExplicitAny: as the test's own query asked for it
  body: any
}

/**
 * Sends one request over a connection of its own, and never again.
 *
 * @throws what the connection's failure was.
 */
export function postOnce(url: string, token: string, operation: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      json(response).then((body) => resolve({ status: response.statusCode, body }), reject)
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(operation))
  })
}
