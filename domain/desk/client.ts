import { MODEL } from './credit-input.js'
import type { Desk } from './desk.js'
import type { DeskViewer } from './desk-viewer.js'
import type { Profile } from './profile.js'

/** A client, as the caller may see them: protected fields that are off are null to managers. */
export interface DeskClient extends Profile {
  userId: string
  email: string
  /** null = nobody's */
  managerId: string | null
  /** Counts edits. */
  version: number
  createdAt: Date
  /** null = never scored, as the four below */
  latestScoreId: string | null
  rating: number | null
  band: string | null
  scoredVersion: string | null
  scoredAt: Date | null
  /** A payment or an edit of the line came after the latest score, or another version is on sale. */
  stale: boolean
  /** Of the latest month; null = there is none. */
  monthsLate: number | null
  /** What the latest month's statement said. */
  balance: number | null
}

/** Of a client whose latest score is not what they would be scored as now; `$1` is the version on sale. */
export const IS_STALE = 'coalesce(c.stale OR c.scored_version <> $1, false)'

const shown = (column: string) => `CASE WHEN v.shown OR c.user_id = $2 THEN c.${column} END`

const columns = `
  c.user_id AS "userId", u.email, c.manager_id AS "managerId", c.version, c.created_at AS "createdAt",
  c.first_name AS "firstName", c.middle_name AS "middleName", c.last_name AS "lastName",
  ${shown('sex')} AS sex, ${shown('age')} AS age, ${shown('marital_status')} AS "maritalStatus",
  c.education, c.dependants, c.employment, c.income::float8, c.housing,
  c.by_phone AS "byPhone", c.by_email AS "byEmail", c.by_post AS "byPost",
  c.latest_score_id AS "latestScoreId", c.rating::float8, c.band, c.scored_version AS "scoredVersion",
  c.scored_at AS "scoredAt", ${IS_STALE} AS stale, c.months_late AS "monthsLate", c.balance::float8`

/**
 * Selects clients as a caller may see them, of the rows that are theirs: an admin's all, a manager's
 * own, a client's own. Takes {@link seenBy} as its first values; conditions follow with AND.
 */
export const selectClients = (more = '') => `
  SELECT ${columns}${more}
  FROM clients c
  JOIN users u ON u.id = c.user_id
  CROSS JOIN (
    SELECT protected_fields OR $3 AS shown FROM desk_policies ORDER BY version DESC LIMIT 1) v
  WHERE c.erased_at IS NULL AND u.deleted_at IS NULL`

/** Whose rows those are, unless the list says so itself. */
export const IS_THEIRS = '($3 OR c.manager_id = $2 OR c.user_id = $2)'

/** The version on sale, null = none, and the caller. */
export const seenBy = ({ domain }: Pick<Desk, 'domain'>, { userId, isAdmin }: DeskViewer) => [
  domain.catalogue.model(MODEL)?.card.version ?? null,
  userId,
  isAdmin,
]
