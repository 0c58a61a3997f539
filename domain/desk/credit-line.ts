import type { Db } from '@presage/prisma/client'
import { Currency } from '@presage/prisma/generated/client/client'
import { z } from 'zod'
import type { Month } from './credit-input.js'

const amount = z.number().min(0).max(1_000_000_000)

/** What of a line may be edited. */
export const lineTerms = {
  amountTotal: amount,
  creditLimit: z.number().min(1).max(1_000_000_000),
  /** 0.15 = 15 % a year. */
  annualRate: z.number().min(0).max(1),
}

export const newLine = z.strictObject({
  ...lineTerms,
  currency: z.enum(Currency),
  openedAt: z.date().optional(),
})

/** A line to be opened, now unless it says when. */
export type NewLine = z.input<typeof newLine>

/** A credit line; amounts are in its currency. */
export interface Line {
  id: string
  clientId: string
  amountTotal: number
  creditLimit: number
  annualRate: number
  currency: Currency
  openedAt: Date
}

/** The lines of clients that the caller may see, in one statement. */
export async function readLines({ pool }: Db, clientIds: readonly string[]): Promise<Line[]> {
  const { rows } = await pool.query<Line>({
    name: 'desk_lines',
    text: `SELECT id, client_id AS "clientId", amount_total::float8 AS "amountTotal",
        credit_limit::float8 AS "creditLimit", annual_rate::float8 AS "annualRate", currency,
        opened_at AS "openedAt"
      FROM credit_lines WHERE client_id = ANY ($1::uuid[])`,
    values: [clientIds],
  })
  return rows
}

/** A month of a line's history. */
export interface LineMonth extends Month {
  lineId: string
  /** Who of the desk's people did; null = it came with a file, or with the desk. */
  recordedBy: string | null
  recordedAt: Date
}

/** The latest months of lines, newest first within each, `limit` of each, in one statement. */
export async function readMonths(
  { pool }: Db,
  lineIds: readonly string[],
  limit: number,
): Promise<LineMonth[]> {
  const { rows } = await pool.query<LineMonth>({
    name: 'desk_months',
    text: `SELECT m.* FROM unnest($1::uuid[]) AS line (id) CROSS JOIN LATERAL (
        SELECT line_id AS "lineId", month::text, billed::float8, paid::float8,
          months_late AS "monthsLate", recorded_by AS "recordedBy", recorded_at AS "recordedAt"
        FROM payment_months WHERE line_id = line.id ORDER BY month DESC LIMIT $2) m`,
    values: [lineIds, limit],
  })
  return rows
}
