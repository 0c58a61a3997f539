/** What a caller sends, and which answer is right for it. */
export interface Blood {
  readonly variant: 'PHENOAGE' | 'NETWORK'
  /** In the first units of the card. */
  readonly values: Readonly<Record<string, number | string>>
  /** As the API takes them. */
  readonly features: Readonly<Record<string, unknown>>
}

/** Sent as `{ value }`; the others are bare. */
const MEASURED = ['albumin', 'creatinine', 'glucose', 'crp', 'lymphocytes', 'alp', 'wbc']

/** The n-th person: no two have the same answer, and neighbours differ by years. */
export function bloodOf(n: number): Blood {
  const values = {
    age: 20 + ((n * 37) % 5900) / 100,
    albumin: 3.5 + (n % 13) / 10,
    creatinine: 0.7 + (n % 7) / 10,
    glucose: 75 + (n % 61),
    crp: 0.1 + (n % 11) / 10,
    lymphocytes: 20 + (n % 23),
    mcv: 80 + (n % 19),
    rdw: 11.5 + (n % 17) / 4,
    alp: 50 + (n % 71),
    wbc: 4 + (n % 29) / 5,
  }
  const features = Object.entries(values).map(([name, value]) =>
    MEASURED.includes(name) ? [name, { value }] : [name, value],
  )
  return {
    variant: n % 4 === 3 ? 'NETWORK' : 'PHENOAGE',
    values: { ...values, sex: n % 2 === 0 ? 'female' : 'male' },
    features: { ...Object.fromEntries(features), sex: n % 2 === 0 ? 'FEMALE' : 'MALE' },
  }
}

const number = ({ values }: Blood, name: string) => Number(values[name])

/** PhenoAge as published (Levine et al. 2018, doi 10.18632/aging.101414), with ln(1 + CRP). */
export function phenoAge(blood: Blood): number {
  const xb =
    -19.90667 -
    0.03359355 * number(blood, 'albumin') * 10 +
    0.009506491 * number(blood, 'creatinine') * 88.4017 +
    0.1953192 * number(blood, 'glucose') * 0.0555 +
    0.09536762 * Math.log1p(number(blood, 'crp')) -
    0.01199984 * number(blood, 'lymphocytes') +
    0.02676401 * number(blood, 'mcv') +
    0.3306156 * number(blood, 'rdw') +
    0.001868778 * number(blood, 'alp') +
    0.05542406 * number(blood, 'wbc') +
    0.08035356 * number(blood, 'age')
  const logSurvival = (-1.51714 * Math.exp(xb)) / 0.007692696
  return 141.50225 + Math.log(-0.0055305 * logSurvival) / 0.090165
}
