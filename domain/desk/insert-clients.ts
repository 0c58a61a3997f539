import { emailKey } from '../identity/credentials.js'
import { NOBODYS_HASH } from '../identity/password-hash.js'
import type { Month } from './credit-input.js'
import type { NewLine } from './credit-line.js'
import { nameKey, type Profile, searchText } from './profile.js'

/** A person to be written as a client, with an account and an empty wallet of their own
 * unless they have them. */
export interface NewPerson {
  id: string
  email: string
  /** Nobody can enter without one. */
  passwordHash?: string | undefined
  /** The account is there, and so is its wallet; its e-mail is as it stands there. */
  isExisting?: boolean | undefined
  managerId: string | null
  profile: Profile
  line: (NewLine & { id: string }) | null
  /** In any order; not without a line. */
  months: readonly Month[]
  createdAt: Date
}

/** What runs a statement: a pool, or a connection within a transaction. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<unknown>
}

/**
 * Writes clients with all that is theirs, or none of them, in one statement. What was sent must have
 * been checked; an e-mail that is taken refuses all, by `users_email_key_key`.
 */
export async function insertClients(db: Queryable, people: readonly NewPerson[]): Promise<void> {
  await db.query(statement, [JSON.stringify(people.map(recordOf))])
}

function recordOf({
  id,
  email,
  passwordHash,
  isExisting = false,
  managerId,
  profile,
  line,
  months,
  createdAt,
}: NewPerson) {
  return {
    ...profile,
    ...{ id, email, emailKey: emailKey(email), passwordHash: passwordHash ?? NOBODYS_HASH },
    ...{ isExisting, managerId, createdAt, line: line && { openedAt: createdAt, ...line }, months },
    ...{ nameKey: nameKey(profile), searchText: searchText(profile, emailKey(email)) },
    ...standingOf(months),
  }
}

/** How a line stands by the latest of its months, in any order; without one nothing is known. */
export function standingOf(months: readonly Month[]) {
  const newest = months.reduce<Month | null>(
    (latest, each) => (latest && latest.month > each.month ? latest : each),
    null,
  )
  return { monthsLate: newest?.monthsLate ?? null, balance: newest?.billed ?? null }
}

const PROFILE = `"firstName" text, "middleName" text, "lastName" text, sex desk_sex, age int,
  education desk_education, "maritalStatus" desk_marital_status, dependants int,
  employment desk_employment, income numeric, housing desk_housing, "byPhone" boolean,
  "byEmail" boolean, "byPost" boolean`

const statement = `
  WITH person AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1) AS p (
      id uuid, email text, "emailKey" text, "passwordHash" text, "isExisting" boolean,
      "managerId" uuid, "createdAt" timestamptz, "nameKey" text, "searchText" text, "monthsLate" int, balance numeric,
      line jsonb, months jsonb, ${PROFILE})
  ), account AS (
    INSERT INTO users (id, email, email_key, password_hash, created_at)
    SELECT id, email, "emailKey", "passwordHash", "createdAt" FROM person WHERE NOT "isExisting"
  ), wallet AS (
    INSERT INTO wallets (user_id) SELECT id FROM person WHERE NOT "isExisting"
  ), client AS (
    INSERT INTO clients (user_id, manager_id, created_at, name_key, search_text, months_late, balance,
      first_name, middle_name, last_name, sex, age, education, marital_status, dependants, employment,
      income, housing, by_phone, by_email, by_post)
    SELECT id, "managerId", "createdAt", "nameKey", "searchText", "monthsLate", balance,
      "firstName", "middleName", "lastName", sex, age, education, "maritalStatus", dependants,
      employment, income, housing, "byPhone", "byEmail", "byPost"
    FROM person
  ), line AS (
    INSERT INTO credit_lines
      (id, client_id, amount_total, credit_limit, annual_rate, currency, opened_at)
    SELECT l.id, person.id, l."amountTotal", l."creditLimit", l."annualRate", l.currency, l."openedAt"
    FROM person, jsonb_to_record(person.line) AS l (id uuid, "amountTotal" numeric,
      "creditLimit" numeric, "annualRate" numeric, currency desk_currency, "openedAt" timestamptz)
    WHERE l.id IS NOT NULL
  )
  INSERT INTO payment_months (line_id, month, billed, paid, months_late, recorded_at)
  SELECT (person.line ->> 'id')::uuid, m.month, m.billed, m.paid, m."monthsLate", person."createdAt"
  FROM person, jsonb_to_recordset(person.months) AS m (
    month date, billed numeric, paid numeric, "monthsLate" int)`
