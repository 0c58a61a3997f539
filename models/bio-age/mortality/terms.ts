import { type Transform, transform } from '../../encoding/transform.js'

/** A term of the logistic line, as the artifact of a linear runtime has it. */
export interface MortalityTerm {
  feature: string
  is?: string
  min?: number
  max?: number
  scale: number
  transform: Transform
  power: number
}

const plain = (feature: string, scale: number) => ({
  feature,
  scale,
  transform: 'identity' as const,
  power: 1,
})
const log = (feature: string, scale: number) => ({
  feature,
  scale,
  transform: 'log' as const,
  power: 1,
})
const squared = (term: MortalityTerm) => ({ ...term, power: 2 })

/** The table tells no age above 85 in its later years. */
const AGE = { ...plain('age', 1 / 50), max: 85 }
const CREATININE = log('creatinine', 1)
const GLUCOSE = log('glucose', 1 / 100)
const LYMPHOCYTES = plain('lymphocytes', 1 / 30)

/**
 * The nine markers of PhenoAge, age and sex, each scaled to the size of 1. Squares stand where the
 * risk rises at both ends, and three powers of age bend the line as it rises.
 */
export const TERMS: readonly MortalityTerm[] = [
  AGE,
  squared(AGE),
  { ...AGE, power: 3 },
  { ...plain('sex', 1), is: 'male' },
  plain('albumin', 1 / 4),
  CREATININE,
  squared(CREATININE),
  GLUCOSE,
  squared(GLUCOSE),
  // The laboratories of 1988 to 1994 measured nothing below.
  { ...log('crp', 1), min: 0.21 },
  LYMPHOCYTES,
  squared(LYMPHOCYTES),
  plain('mcv', 1 / 90),
  log('rdw', 1 / 13),
  log('alp', 1 / 70),
  log('wbc', 1 / 7),
]

/** What a term makes of a person, before its coefficient. */
export function termInput(term: MortalityTerm, values: Readonly<Record<string, unknown>>) {
  const value = values[term.feature]
  if (term.is !== undefined) return Number(value === term.is)
  const bounded = Math.min(term.max ?? Infinity, Math.max(term.min ?? -Infinity, Number(value)))
  return transform(term.transform, term.scale * bounded) ** term.power
}
