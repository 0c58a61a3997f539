import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'

/** The close code after which a client comes back, to another server. */
export const GOING_AWAY = 1001

const LOOK_MS = 10

/** A socket whose client is to go elsewhere without missing an answer. */
export interface Leaving {
  readonly webSocket: WebSocket
  /** What is open, by the client's id: null until it is a stream. */
  operations: () => Readonly<Record<string, unknown>>
  /** Operations that came when the server was leaving. */
  readonly left: Set<string>
}

/**
 * Leaves an operation unanswered until the socket closes: nobody has to ask whether it was carried
 * out.
 */
export function notBegun({ left }: Leaving, id: string): Promise<never> {
  left.add(id)
  return new Promise(() => {})
}

/**
 * Closes with {@link GOING_AWAY} once all that the client had asked is answered. Streams are not
 * waited for: their readers go on elsewhere.
 */
export async function sendAway(socket: Leaving): Promise<void> {
  const { webSocket } = socket
  while (webSocket.readyState === webSocket.OPEN && isAnswering(socket)) await sleep(LOOK_MS)
  webSocket.close(GOING_AWAY, 'Going away')
}

const isAnswering = ({ operations, left }: Leaving): boolean =>
  Object.entries(operations()).some(([id, stream]) => stream === null && !left.has(id))
