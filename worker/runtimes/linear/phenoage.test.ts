import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { seededRandom } from '@presage/models/random/random'
import { expect, it } from 'vitest'
import { parseArtifact, readArtifact } from '../artifact.js'
import { attributeLinear, computeLinear, linearArtifactSchema } from './open-linear.js'

const model = (await loadCatalogue()).model('bio-age')
const variant = model?.card.variants.find(({ name }) => name === 'phenoage')
if (!model || !variant) throw new Error('bio-age has the published formula')
const files = await readArtifact(model, variant)
const artifact = parseArtifact(linearArtifactSchema, files, files.main)

/** PhenoAge as the paper writes it, in the paper's units (Levine et al. 2018, Aging 10(4):573-591). */
function published(blood: Record<string, number>): number {
  const { albumin = 0, creatinine = 0, glucose = 0, crp = 0, lymphocytes = 0 } = blood
  const { mcv = 0, rdw = 0, alp = 0, wbc = 0, age = 0 } = blood
  const xb =
    -19.90667 -
    0.03359355 * (10 * albumin) +
    0.009506491 * (88.4017 * creatinine) +
    0.1953192 * (0.0555 * glucose) +
    0.09536762 * Math.log(1 + crp) -
    0.01199984 * lymphocytes +
    0.02676401 * mcv +
    0.3306156 * rdw +
    0.001868778 * alp +
    0.05542406 * wbc +
    0.08035356 * age
  const mortality = 1 - Math.exp((-1.51714 * Math.exp(xb)) / 0.007692696)
  return 141.50225 + Math.log(-0.0055305 * Math.log(1 - mortality)) / 0.090165
}

/** Invented people, within 20 % of the reference: the paper's two exponentials overflow far from it. */
function inventBlood(next: () => number): Record<string, number> {
  const around = artifact.terms.map(({ feature, reference }) => [
    feature,
    reference * (0.8 + 0.4 * next()),
  ])
  return Object.fromEntries(around)
}

it('explains 300 people by the formula’s own terms, each against its reference', () => {
  const next = seededRandom(7)
  for (let person = 0; person < 300; person++) {
    const blood = inventBlood(next)
    const { value } = computeLinear(artifact, blood)
    const { baseline, contributions } = attributeLinear(artifact, blood)
    expect(value).toBeCloseTo(published(blood), 6)
    expect(contributions).toHaveLength(10)
    const sum = contributions.reduce((total, each) => total + each.contribution, baseline)
    expect(sum).toBeCloseTo(value, 9)
    for (const { feature, contribution } of contributions) {
      const reference = artifact.terms.find((term) => term.feature === feature)?.reference ?? 0
      const without = published({ ...blood, [feature]: reference })
      expect(contribution).toBeCloseTo(published(blood) - without, 6)
    }
  }
})
