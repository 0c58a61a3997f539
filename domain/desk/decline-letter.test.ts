import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { expect, it } from 'vitest'
import type { Decision } from './decision.js'
import { declineLetter } from './decline-letter.js'
import type { DeskScore } from './score.js'

const { models } = await loadCatalogue()
const card = models.find((model) => model.card.name === 'credit-default')?.card
if (!card) throw new Error('the model is shipped')

const decidedAt = new Date('2026-06-02T10:00:00Z')
const secondAt = new Date('2026-06-03T10:00:00Z')
const decision: Decision = {
  ...{ id: 'd', scoreId: 's', clientId: 'c', policyVersion: 1, amount: 90_000, currency: 'TWD' },
  ...{ proposed: 'DECLINE', verdict: 'DECLINE', overrideReason: null, decidedBy: 'm', decidedAt },
  ...{ needsSecond: false, secondBy: null, secondAt: null },
}
const score: DeskScore = {
  ...{ id: 's', clientId: 'c', predictionId: null, probability: 0.6, rating: 0.4, band: 'high' },
  ...{ model: 'credit-default', version: '1.0.0', variant: 'boosted', input: {}, askedBy: null },
  createdAt: new Date('2026-06-01T10:00:00Z'),
  explanation: {
    ...{ method: 'tree-shap', unit: 'log-odds', baseline: -1 },
    contributions: [{ feature: 'worstLate', value: 3, contribution: 0.5 }],
  },
}
const client = { firstName: 'Lin', lastName: 'Moss' }
const letterOf = (decided: Partial<Decision>, scored: Partial<DeskScore> = {}) =>
  declineLetter({
    decision: { ...decision, ...decided },
    score: { ...score, ...scored },
    ...{ client, card },
  })

it('is written of a decline that stands, with the reasons of its score', () => {
  const letter = letterOf({})
  expect(letter).toMatchObject({ date: decidedAt, salutation: 'Dear Lin Moss,' })
  expect(letter?.reasons).toEqual([{ title: 'Months late, at worst', value: '3 months' }])
  expect(letter?.decided).toBe(
    'We looked at your credit line of NT$90,000 and at your score of 1 June 2026. A person has decided to decline it.',
  )
})

it('is none of another verdict, of one that waits, nor of a score that was erased', () => {
  for (const verdict of ['APPROVE', 'REFER'] as const) expect(letterOf({ verdict })).toBeNull()
  expect(letterOf({ needsSecond: true })).toBeNull()
  expect(letterOf({ needsSecond: true, secondBy: 'a', secondAt })).toMatchObject({ date: secondAt })
  expect(letterOf({}, { explanation: null })).toBeNull()
})

it('says of an override that the score alone would not have led to it', () => {
  expect(letterOf({ proposed: 'APPROVE' })?.decided).toMatch(/The score alone would not have led/)
})
