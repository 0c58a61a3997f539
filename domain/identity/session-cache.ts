import { Lane } from '../lane/lane.js'
import type { Viewer } from '../viewer.js'
import { LruMap } from './lru-map.js'

/** A session that was not revoked when it was read. */
export interface LiveSession {
  readonly viewer: Viewer
  readonly expiresAt: Date
}

interface Entry<Live> {
  /** null = revoked, or never was. */
  readonly session: Live | null
  readonly askedAtMs: number
}

type Load<Live> = (ids: string[]) => Promise<Map<string, Live>>

const TTL_MS = 5000
const MAX_SESSIONS = 50_000

/**
 * Sessions, or API keys, as they were at most 5 s ago. What is missing is read together: one statement for all the
 * calls that wait, however many they are.
 */
export class SessionCache<Live extends LiveSession = LiveSession> {
  readonly #entries = new LruMap<string, Entry<Live>>(MAX_SESSIONS)
  readonly #reading = new Map<string, Promise<Live | null>>()
  readonly #lane: Lane<string, Live | null>
  readonly #now: () => Date

  constructor(load: Load<Live>, now: () => Date) {
    this.#now = now
    this.#lane = new Lane(async (ids) => {
      const found = await load(ids)
      return ids.map((id) => found.get(id) ?? null)
    })
  }

  /** Who the session speaks for; null once it was revoked or has expired. */
  async viewer(id: string): Promise<Viewer | null> {
    return (await this.live(id))?.viewer ?? null
  }

  /** The session itself; null as above. */
  async live(id: string): Promise<Live | null> {
    const entry = this.#fresh(id)
    return this.#valid(entry ? entry.session : await this.#read(id))
  }

  /** The same, as the database has it now. */
  async reread(id: string): Promise<Viewer | null> {
    return this.#valid(await this.#read(id))?.viewer ?? null
  }

  /** The next question about this session goes to the database. */
  forget(id: string): void {
    this.#entries.delete(id)
    this.#reading.delete(id)
  }

  #valid(session: Live | null): Live | null {
    return session && session.expiresAt > this.#now() ? session : null
  }

  #fresh(id: string): Entry<Live> | undefined {
    const entry = this.#entries.get(id)
    return entry && this.#now().getTime() - entry.askedAtMs < TTL_MS ? entry : undefined
  }

  #read(id: string): Promise<Live | null> {
    const begun = this.#reading.get(id)
    if (begun) return begun
    const askedAtMs = this.#now().getTime()
    const reading = this.#lane.submit(id)
    const settle = (session?: Live | null) => {
      // Forgotten meanwhile: what was read may be from before the revocation.
      if (this.#reading.get(id) !== reading) return
      this.#reading.delete(id)
      if (session !== undefined) this.#entries.set(id, { session, askedAtMs })
    }
    this.#reading.set(id, reading)
    reading.then(settle, () => settle())
    return reading
  }
}
