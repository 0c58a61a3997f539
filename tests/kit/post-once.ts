import { request } from 'node:http'
import { json } from 'node:stream/consumers'

/** What came back. */
interface Answer<T> {
  status: number | undefined
  /** As the test's own query asked for it. */
  body: T
}

/**
 * Sends one request over a connection of its own, and never again.
 *
 * @throws what the connection's failure was.
 */
export function postOnce<T>(url: string, token: string, operation: object): Promise<Answer<T>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      json(response).then(
        (body) => resolve({ status: response.statusCode, body: body as T }),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(operation))
  })
}
