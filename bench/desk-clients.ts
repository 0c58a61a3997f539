import type { Month } from '@presage/domain/desk/credit-input'
import { monthBefore } from '@presage/domain/desk/credit-input'
import { insertClients } from '@presage/domain/desk/insert-clients'
import { parseProfile } from '@presage/domain/desk/profile'
import { inventAccount } from '@presage/models/credit-default/invent-account'
import { seededRandom } from '@presage/models/random/random'
import pg from 'pg'

/** The inputs of the model, as they are in its first units. */
export type Account = ReturnType<typeof inventAccount>

const LATEST = '2026-10-01'

/** Writes so many clients with the lines and months of invented accounts, which it returns. */
export async function writeClients(databaseUrl: string, count: number): Promise<Account[]> {
  const random = seededRandom(1)
  const accounts = Array.from({ length: count }, () => inventAccount(random))
  const client = new pg.Client(databaseUrl)
  await client.connect()
  await insertClients(client, accounts.map(personOf))
  await client.query('ANALYZE')
  await client.end()
  return accounts
}

function personOf(account: Account, n: number) {
  const creditLimit = Number(account.creditLimit)
  return {
    ...{ id: crypto.randomUUID(), email: `client${n}@example.com`, managerId: null },
    profile: parseProfile({ firstName: 'Client', lastName: String(n) }),
    line: {
      id: crypto.randomUUID(),
      ...{ creditLimit, amountTotal: creditLimit, annualRate: 0.15, currency: 'TWD' as const },
    },
    ...{ months: monthsOf(account), createdAt: new Date() },
  }
}

function monthsOf(account: Account): Month[] {
  const months: Month[] = []
  for (let month = LATEST, n = 1; `billed${n}` in account; month = monthBefore(month), n += 1)
    months.push({
      month,
      billed: Number(account[`billed${n}`]),
      paid: Number(account[`paid${n}`]),
      monthsLate: Number(account[`monthsLate${n}`]),
    })
  return months
}
