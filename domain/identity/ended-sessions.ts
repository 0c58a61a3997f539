import type { Identity } from './identity.js'
import type { SessionCache } from './session-cache.js'

/** What one statement of the cache's lane takes; calls that wait are not kept behind all of them. */
const AT_ONCE = 256

/** Those of these sessions and API keys that are over by now, as the database has it. */
export async function endedSessions(
  { sessions, apiKeys }: Identity,
  ids: readonly string[],
): Promise<string[]> {
  const ended: string[] = []
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const part = ids.slice(i, i + AT_ONCE)
    ended.push(...(await missing(apiKeys, await missing(sessions, part))))
  }
  return ended
}

/** Those that are not, or not any more, among what a cache is for. */
async function missing(
  cache: Pick<SessionCache, 'reread'>,
  ids: readonly string[],
): Promise<string[]> {
  const viewers = await Promise.all(ids.map((id) => cache.reread(id)))
  return ids.filter((_, at) => viewers[at] === null)
}
