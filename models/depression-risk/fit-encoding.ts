import type { FeatureValue } from '../card/feature-schema.js'
import type { Column, Encoding } from '../encoding/encoding.js'
import { type Transform, transform } from '../encoding/transform.js'

type Row = Readonly<Record<string, FeatureValue>>

/** What the line sees, and how; sleep also by how far it is from what most people sleep. */
const NUMBERS: readonly (readonly [string, Transform, optional: boolean])[] = [
  ['age', 'identity', false],
  ['householdSize', 'identity', false],
  ['incomeRatio', 'identity', true],
  ['sleepWeekday', 'identity', true],
  ['sleepWeekend', 'identity', true],
  ['sleepShort', 'identity', true],
  ['sleepLong', 'identity', true],
  ['sleepShift', 'identity', true],
  ['vigorousMinutes', 'log1p', true],
  ['sedentaryMinutes', 'identity', true],
  ['bmi', 'log', true],
]

const WORK = ['working', 'away', 'not_working', 'looking'] as const

function numberColumn(
  rows: readonly Row[],
  [feature, kind, optional]: (typeof NUMBERS)[number],
): Column {
  const seen = rows.flatMap(({ [feature]: value }) =>
    typeof value === 'number' ? [transform(kind, value)] : [],
  )
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
  const variance = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length
  const scale = Math.sqrt(variance)
  return { kind: 'number', feature, optional, transform: kind, mean, scale, clip: 4 }
}

/** 1 for those at one kind of work, less their share: 0 stands for the mix of people. */
function workColumn(rows: readonly Row[], own: (typeof WORK)[number]): Column {
  const share = rows.filter(({ work }) => work === own).length / rows.length
  const levels = WORK.map((level) => [level, Number(level === own) - share] as const)
  return { kind: 'choice', feature: 'work', optional: false, levels: Object.fromEntries(levels) }
}

/** Means, scales and shares of the people trained on. */
export const fitEncoding = (rows: readonly Row[]): Encoding => [
  { kind: 'choice', feature: 'sex', optional: false, levels: { female: -1, male: 1 } },
  ...NUMBERS.map((column) => numberColumn(rows, column)),
  ...WORK.slice(1).map((own) => workColumn(rows, own)),
]
