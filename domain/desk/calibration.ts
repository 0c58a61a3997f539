import { areaUnderCurve } from '@presage/models/metrics/auc'
import { type Estimate, type Judged, mean } from '@presage/models/metrics/judged'
import { brierScore, rate } from '@presage/models/metrics/scores'
import { MODEL } from './credit-input.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { JOIN_OUTCOMES, MISSED } from './record-outcome.js'

/** Scores of a tenth of the range of probability, beside what came true of them. */
export interface CalibrationBin {
  from: number
  to: number
  count: number
  /** The mean probability; null = none is in it. */
  expected: number | null
  /** The share that was missed; null = none is in it. */
  observed: number | null
}

/** How a version of the model does, over scores whose outcome is known. */
export interface Calibration {
  version: string
  count: number
  missed: number
  /** null = no outcome is known */
  brier: number | null
  /** With its 95 % interval; null = the outcomes known are all the same, or none. */
  auc: Estimate | null
  bins: CalibrationBin[]
}

/** The latest scores with an outcome that are looked at: 20,000 cost a sort of them, and no more. */
const MOST = 20_000
const BINS = 10

/**
 * How a version does at an admin's whole desk or in a manager's portfolio, in one statement.
 *
 * @throws DeskForbiddenError
 */
export async function calibration(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  version: string,
): Promise<Calibration> {
  requireStaff(me)
  const { rows } = await domain.db.pool.query<Judged>(
    me.isAdmin
      ? { name: 'desk_calibration', text: ofAll, values: [MODEL, version, MOST] }
      : {
          name: 'desk_calibration_own',
          text: ofPortfolio,
          values: [MODEL, version, MOST, me.userId],
        },
  )
  return { version, ...calibrationOf(rows) }
}

const JUDGED = `SELECT s.id, s.probability, ${MISSED} AS truth
  FROM scores s ${JOIN_OUTCOMES}
  WHERE s.model = $1 AND s.version = $2 AND ${MISSED} IS NOT NULL`

const ofAll = `${JUDGED} ORDER BY s.id DESC LIMIT $3`

/** By each client's own scores: the rest of the desk's are many more. */
const ofPortfolio = `SELECT s.* FROM clients c CROSS JOIN LATERAL (
    ${JUDGED} AND s.client_id = c.user_id ORDER BY s.id DESC LIMIT $3) s
  WHERE c.manager_id = $4 ORDER BY s.id DESC LIMIT $3`

/** The figures of probabilities beside what came true. */
export function calibrationOf(judged: readonly Judged[]): Omit<Calibration, 'version'> {
  const missed = judged.filter(({ truth }) => truth).length
  const known = judged.length > 0
  const both = missed > 0 && missed < judged.length
  return {
    ...{ count: judged.length, missed },
    brier: known ? brierScore(judged) : null,
    auc: both ? areaUnderCurve(judged) : null,
    bins: Array.from({ length: BINS }, (_, bin) => binOf(judged, bin)),
  }
}

/** 1 itself is in the last. */
const placeOf = ({ probability }: Judged) => Math.min(BINS - 1, Math.floor(probability * BINS))

function binOf(judged: readonly Judged[], bin: number): CalibrationBin {
  const inside = judged.filter((each) => placeOf(each) === bin)
  const [from, to] = [bin / BINS, (bin + 1) / BINS]
  if (inside.length === 0) return { from, to, count: 0, expected: null, observed: null }
  const expected = mean(inside.map(({ probability }) => probability))
  return { from, to, count: inside.length, expected, observed: rate(inside) }
}
