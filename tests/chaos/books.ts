import pg from 'pg'

/** The tables, read past the API. */
export class Books {
  readonly #url: string
  readonly #userIds: readonly string[]

  constructor(url: string, userIds: readonly string[]) {
    this.#url = url
    this.#userIds = userIds
  }

  /** One statement on a connection of its own, as the server may be killed between two. */
  async #read(text: string, ...values: readonly unknown[]): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.#url })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.query(text, [this.#userIds, ...values])).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** Predictions that have not ended. */
  open() {
    return this.#read(`
      SELECT id, status, queued_at, due_at, deadline FROM predictions
      WHERE user_id = ANY ($1) AND status IN ('QUEUED', 'RUNNING')`)
  }

  /** Every prediction ever accepted. */
  predictions() {
    return this.#read(`
      SELECT id, user_id, status, idempotency_key AS key, failure->>'code' AS failure
      FROM predictions WHERE user_id = ANY ($1)`)
  }

  /** Predictions that were accepted after this moment and have succeeded. */
  succeeded(acceptedAfter: Date) {
    return this.#read(
      `SELECT id, queued_at, finished_at FROM predictions
      WHERE user_id = ANY ($1) AND status = 'SUCCEEDED' AND queued_at > $2`,
      acceptedAfter,
    )
  }

  /**
   * Predictions whose transfers are not one hold and, at its price, the one right resolution. No index
   * leads from a prediction to all its transfers: one by one, the 158,000 of an hour took three hours.
   */
  wronglyCharged() {
    return this.#read(`
      SELECT p.id, p.status, p.price, t.kinds
      FROM predictions p
      LEFT JOIN (
        SELECT t.prediction_id, array_agg(t.kind || ' ' || t.amount ORDER BY t.seq) AS kinds
        FROM transfers t WHERE t.user_id = ANY ($1) GROUP BY t.prediction_id
      ) t ON t.prediction_id = p.id
      WHERE p.user_id = ANY ($1) AND t.kinds IS DISTINCT FROM ARRAY[
        'HOLD ' || p.price,
        CASE p.status WHEN 'SUCCEEDED' THEN 'CAPTURE ' ELSE 'RELEASE ' END || p.price]`)
  }

  /** Predictions that succeeded, and so were charged, only when their deadline had passed. */
  chargedLate() {
    return this.#read(`
      SELECT id, deadline, finished_at FROM predictions
      WHERE user_id = ANY ($1) AND status = 'SUCCEEDED' AND finished_at >= deadline`)
  }

  /** Users whose events are not numbered 1, 2, 3 … up to their wallet's number. */
  gaps() {
    return this.#read(`
      SELECT w.user_id, w.seq, e.events, e.first, e.last
      FROM wallets w
      CROSS JOIN LATERAL (
        SELECT count(*) AS events, min(e.seq) AS first, max(e.seq) AS last
        FROM events e WHERE e.user_id = w.user_id) e
      WHERE w.user_id = ANY ($1) AND (e.events, e.first, e.last) IS DISTINCT FROM (w.seq, 1, w.seq)`)
  }

  /** Events that do not continue where the prediction's event before them ended, or go on after its end. */
  brokenChains() {
    return this.#read(`
      SELECT * FROM (
        SELECT e.prediction_id, e.seq, e.from_status, e.to_status,
          lag(e.to_status) OVER (PARTITION BY e.prediction_id ORDER BY e.seq) AS before
        FROM events e WHERE e.user_id = ANY ($1) AND e.prediction_id IS NOT NULL) e
      WHERE e.from_status IS DISTINCT FROM e.before
        OR e.before IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED')`)
  }

  /** All that happened to each user, as their feed tells it. */
  async feeds(): Promise<Map<string, string[]>> {
    const rows = await this.#read(`
      SELECT e.user_id, e.prediction_id, e.to_status, t.kind,
        CASE WHEN t.debit = 'AVAILABLE' THEN -t.amount WHEN t.credit = 'AVAILABLE' THEN t.amount
          ELSE 0 END AS amount
      FROM events e LEFT JOIN transfers t USING (user_id, seq)
      WHERE e.user_id = ANY ($1) ORDER BY e.user_id, e.seq`)
    const feeds = new Map(this.#userIds.map((id): [string, string[]] => [id, []]))
    for (const { user_id, prediction_id, to_status, kind, amount } of rows) {
      const feed = feeds.get(String(user_id))
      if (kind !== null) feed?.push(walletLine(kind, amount))
      if (prediction_id !== null) feed?.push(predictionLine(prediction_id, to_status))
    }
    return feeds
  }
}

/** One line of a feed about credits: kind, and the signed change of what is available. */
export const walletLine = (kind: unknown, amount: unknown) => `${kind} ${amount}`

/** One line of a feed about a prediction, by its row's id. */
export const predictionLine = (id: unknown, status: unknown) => `${id} ${status}`
