import type { Db } from '@presage/prisma/client'

/** The columns of a file of clients with their lines and a month. */
export const HEADER =
  'email,firstName,lastName,age,manager,amountTotal,limit,annualRate,currency,billed 2026-09,paid 2026-09,monthsLate 2026-09'

/** A file as a spreadsheet writes it. */
export const fileOf = (lines: readonly string[], header = HEADER) =>
  new Blob([`\uFEFF${[header, ...lines].join('\r\n')}\r\n`])

/** How many rows there are of all that a file may bring. */
export const tables = async ({ pool }: Pick<Db, 'pool'>) =>
  (
    await pool.query(`SELECT (SELECT count(*)::int FROM users) AS users,
      (SELECT count(*)::int FROM clients WHERE erased_at IS NULL) AS clients, (SELECT count(*)::int FROM wallets) AS wallets,
      (SELECT count(*)::int FROM credit_lines) AS lines,
      (SELECT count(*)::int FROM payment_months) AS months`)
  ).rows[0]

/** The e-mail of an account. */
export async function emailOf({ prisma }: Pick<Db, 'prisma'>, id: string): Promise<string> {
  const { email } = await prisma.user.findUniqueOrThrow({ where: { id } })
  return email
}
