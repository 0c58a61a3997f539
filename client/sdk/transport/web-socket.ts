/** The part of the WebSocket class that is needed; graphql-ws checks the rest. */
export type WebSocketClass = new (url: string, protocol?: string) => object

const isClass = (value: unknown): value is WebSocketClass => typeof value === 'function'

/** The given class, the platform's own, or that of the package `ws` where there is none (Node 20). */
export async function webSocketClass(given: WebSocketClass | undefined): Promise<WebSocketClass> {
  if (given) return given
  const own: unknown = Reflect.get(globalThis, 'WebSocket')
  return isClass(own) ? own : (await import('ws')).WebSocket
}
