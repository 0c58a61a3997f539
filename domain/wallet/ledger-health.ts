import type { Db } from '@presage/prisma/client'

/** The ledger's books checked against each other; amounts in credits. */
export interface LedgerHealth {
  /** All of the checks hold. */
  balanced: boolean
  /** Wallets whose columns differ from the sum of their transfers. */
  walletsOff: number
  /** Credits in wallets, held included, minus what transfers brought in and took out: 0. */
  trialBalance: bigint
  /** Σ wallets.held. */
  held: bigint
  /** Σ price of open predictions; equals `held`. */
  openHolds: bigint
  /** Σ of all holds ever; equals captured + released + openHolds. */
  reserved: bigint
  captured: bigint
  released: bigint
  openPredictions: number
}

type Sums = Omit<LedgerHealth, 'balanced'>

/** Checks the whole ledger in one snapshot; its cost grows with the number of transfers. */
export async function ledgerHealth({ db }: { db: Pick<Db, 'pool'> }): Promise<LedgerHealth> {
  const { rows } = await db.pool.query<Sums>(`
    WITH sums AS (
      SELECT user_id,
        sum(CASE WHEN credit = 'AVAILABLE' THEN amount - bonus_amount
                 WHEN debit = 'AVAILABLE' THEN bonus_amount - amount ELSE 0 END) AS balance,
        sum(CASE WHEN credit = 'AVAILABLE' THEN bonus_amount
                 WHEN debit = 'AVAILABLE' THEN -bonus_amount ELSE 0 END) AS bonus,
        sum(CASE WHEN credit = 'HELD' THEN amount WHEN debit = 'HELD' THEN -amount ELSE 0 END) AS held
      FROM transfers GROUP BY user_id
    ), house AS (
      SELECT coalesce(sum(CASE WHEN debit IN ('PROMOTIONS', 'TOP_UPS', 'ADJUSTMENTS') THEN amount
                               WHEN credit IN ('REVENUE', 'WITHDRAWALS', 'ADJUSTMENTS') THEN -amount
                               ELSE 0 END), 0) AS issued,
        coalesce(sum(amount) FILTER (WHERE kind = 'HOLD'), 0) AS reserved,
        coalesce(sum(amount) FILTER (WHERE kind = 'CAPTURE'), 0) AS captured,
        coalesce(sum(amount) FILTER (WHERE kind = 'RELEASE'), 0) AS released
      FROM transfers
    ), open AS (
      SELECT coalesce(sum(price), 0) AS holds, count(*) AS predictions
      FROM predictions WHERE status IN ('QUEUED', 'RUNNING')
    ), purse AS (
      SELECT coalesce(sum(w.balance + w.bonus + w.held), 0) AS total,
        coalesce(sum(w.held), 0) AS held,
        count(*) FILTER (WHERE (w.balance, w.bonus, w.held)
          IS DISTINCT FROM (coalesce(s.balance, 0), coalesce(s.bonus, 0), coalesce(s.held, 0))) AS off
      FROM wallets w LEFT JOIN sums s USING (user_id)
    )
    SELECT purse.off::int AS "walletsOff", (purse.total - house.issued)::bigint AS "trialBalance",
      purse.held::bigint AS held, open.holds::bigint AS "openHolds",
      house.reserved::bigint AS reserved, house.captured::bigint AS captured,
      house.released::bigint AS released, open.predictions::int AS "openPredictions"
    FROM purse, house, open`)
  const [sums] = rows
  if (!sums) throw new Error('the ledger query returned no row')
  const { walletsOff, trialBalance, held, openHolds, reserved, captured, released } = sums
  const balanced =
    walletsOff === 0 &&
    trialBalance === 0n &&
    held === openHolds &&
    reserved === captured + released + openHolds
  return { balanced, ...sums }
}
