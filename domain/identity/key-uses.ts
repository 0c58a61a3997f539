import type pg from 'pg'

const WRITE_EVERY_MS = 60_000

interface Use {
  usedAtMs: number
  writtenAtMs: number
}

/** When each API key was last used, kept here and written beside the requests, not by them. */
export class KeyUses {
  readonly #uses = new Map<string, Use>()

  mark(keyId: string, now: Date): void {
    const use = this.#uses.get(keyId)
    if (use) use.usedAtMs = now.getTime()
    else this.#uses.set(keyId, { usedAtMs: now.getTime(), writtenAtMs: 0 })
  }

  /**
   * Writes the uses of keys that this server has not written for a minute; one statement for all.
   * What another server wrote less than a minute ago stays, so that `last_used_at` may be a minute
   * behind.
   */
  async write(pool: pg.Pool, now: Date): Promise<void> {
    const nowMs = now.getTime()
    const due: { id: string; at: Date }[] = []
    for (const [id, { usedAtMs, writtenAtMs }] of this.#uses) {
      if (nowMs - writtenAtMs < WRITE_EVERY_MS) continue
      if (usedAtMs > writtenAtMs) due.push({ id, at: new Date(usedAtMs) })
      else this.#uses.delete(id)
    }
    if (due.length === 0) return
    await pool.query({ ...statement, values: [due.map(({ id }) => id), due.map(({ at }) => at)] })
    for (const { id } of due) {
      const use = this.#uses.get(id)
      if (use) use.writtenAtMs = nowMs
    }
  }
}

const statement = {
  name: 'write_key_uses',
  text: `UPDATE api_keys k SET last_used_at = u.at
    FROM unnest($1::uuid[], $2::timestamptz[]) AS u(id, at)
    WHERE k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at <= u.at - interval '1 minute')`,
}
