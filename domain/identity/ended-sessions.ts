import type { Identity } from './identity.js'

/** What one statement of the cache's lane takes; calls that wait are not kept behind all of them. */
const AT_ONCE = 256

/** Those of these sessions that are over by now, as the database has it. */
export async function endedSessions(
  { sessions }: Identity,
  ids: readonly string[],
): Promise<string[]> {
  const ended: string[] = []
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const part = ids.slice(i, i + AT_ONCE)
    const viewers = await Promise.all(part.map((id) => sessions.reread(id)))
    ended.push(...part.filter((_, at) => viewers[at] === null))
  }
  return ended
}
