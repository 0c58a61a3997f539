import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fromCanonical, toCanonical } from '../card/feature-schema.js'
import { loadCard } from '../card/load-card.js'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { parseInput } from '../card/parse-input.js'

const { features, ...card } = await loadCard(join(MODELS_DIR, 'bio-age/model.yaml'))

/**
 * What laboratories print side by side, to their two or three digits: 1 mg/dL of creatinine is 88.4
 * µmol/L, of glucose 0.0555 mmol/L, of uric acid 59.48 µmol/L, of bilirubin 17.1 µmol/L, of
 * cholesterol 0.0259 mmol/L, of urea nitrogen 0.357 mmol/L; 1 U/L is 1/60 µkat/L.
 */
const SIDE_BY_SIDE: [string, number, string, number][] = [
  ['albumin', 4.2, 'G_PER_L', 42],
  ['creatinine', 1, 'UMOL_PER_L', 88.4],
  ['glucose', 90, 'MMOL_PER_L', 5.0],
  ['crp', 0.3, 'MG_PER_L', 3],
  ['lymphocytes', 30, 'FRACTION', 0.3],
  ['alp', 60, 'UKAT_PER_L', 1],
  ['wbc', 7, 'BILLION_PER_L', 7],
  ['wbc', 7, 'PER_UL', 7000],
  ['bun', 14, 'MMOL_PER_L', 5.0],
  ['uricAcid', 6, 'UMOL_PER_L', 357],
  ['totalCholesterol', 200, 'MMOL_PER_L', 5.17],
  ['hdl', 50, 'MMOL_PER_L', 1.293],
  ['bilirubin', 1, 'UMOL_PER_L', 17.1],
  ['hba1c', 7, 'MMOL_PER_MOL', 53],
  ['ggt', 60, 'UKAT_PER_L', 1],
  ['rbc', 4.7, 'TRILLION_PER_L', 4.7],
  ['monocytes', 7, 'FRACTION', 0.07],
]

/** The number alone does not tell these apart, as the card's limits say, or is the same in both. */
const ALIKE = [
  ...['crp MG_PER_L', 'bun MMOL_PER_L', 'bilirubin UMOL_PER_L', 'ggt UKAT_PER_L'],
  ...['wbc BILLION_PER_L', 'rbc TRILLION_PER_L'],
]

const unitsOf = (name: string) => features.find((feature) => feature.name === name)?.units ?? []
const unitOf = (name: string, unit: string) => {
  const found = unitsOf(name).find((each) => each.name === unit)
  if (!found) throw new Error(`${name} has no unit ${unit}`)
  return found
}

it('has a row for each unit that is converted', () => {
  const converted = features.flatMap(({ name, units = [] }) =>
    units.slice(1).map((unit) => `${name} ${unit.name}`),
  )
  expect(SIDE_BY_SIDE.map(([name, , unit]) => `${name} ${unit}`)).toEqual(converted)
})

it.each(SIDE_BY_SIDE)('%s %d is in %s %d, and back', (name, usual, unit, other) => {
  const conversion = unitOf(name, unit)
  expect(toCanonical(conversion, other) / usual).toBeCloseTo(1, 2)
  expect(fromCanonical(conversion, usual) / other).toBeCloseTo(1, 2)
})

const issueOf = (name: string, value: number, unit?: string) => {
  const parsed = parseInput({ features, ...card }, 'network', { [name]: { value, unit } })
  return parsed.ok ? undefined : parsed.issues.find(({ path }) => path[0] === name)
}

it.each(SIDE_BY_SIDE.filter(([name, , unit]) => !ALIKE.includes(`${name} ${unit}`)))(
  '%s %d asks for the unit when it is taken for %s %d, and the other way round',
  (name, usual, unit, other) => {
    expect(issueOf(name, other)?.message).toContain(`send unit ${unit}`)
    expect(issueOf(name, usual, unit)?.message).toContain(`send unit ${unitsOf(name)[0]?.name}`)
    expect(issueOf(name, other, unit) ?? issueOf(name, usual)).toBeUndefined()
  },
)
