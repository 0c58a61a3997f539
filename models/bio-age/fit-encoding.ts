import type { Column, Encoding } from '../encoding/encoding.js'
import { type Transform, transform } from '../encoding/transform.js'
import { BODY, CORE, FURTHER_BLOOD, OPTIONAL, type Person } from './dataset.js'

/** Values whose spread grows with their size are seen as logarithms. */
const LOG = new Set<string>([
  'creatinine',
  'glucose',
  'crp',
  'rdw',
  'alp',
  'wbc',
  'bun',
  'hdl',
  'hba1c',
  'ggt',
  'bmi',
])
const LOG1P = new Set<string>(['bilirubin'])

const transformOf = (feature: string): Transform =>
  LOG.has(feature) ? 'log' : LOG1P.has(feature) ? 'log1p' : 'identity'

function numberColumn(feature: string, people: readonly Person[]): Column {
  const kind = transformOf(feature)
  const seen = people.flatMap(({ values: { [feature]: value } }) =>
    typeof value === 'number' ? [transform(kind, value)] : [],
  )
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
  const variance = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length
  const optional = OPTIONAL.some((name) => name === feature)
  return {
    kind: 'number',
    feature,
    optional,
    transform: kind,
    mean,
    scale: Math.sqrt(variance),
    clip: 4,
  }
}

/** Means and scales of the people trained on. Age is not among the inputs. */
export function fitEncoding(people: readonly Person[]): Encoding {
  return [
    { kind: 'choice', feature: 'sex', optional: false, levels: { female: -1, male: 1 } },
    ...[...CORE, ...FURTHER_BLOOD, ...BODY].map((feature) => numberColumn(feature, people)),
  ]
}
