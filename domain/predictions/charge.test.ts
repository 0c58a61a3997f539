import { describe, expect, it } from 'vitest'
import { chargeOf } from './charge.js'
import type { Prediction, PredictionStatus } from './prediction.js'

const prediction = (status: PredictionStatus, paid = true): Prediction => ({
  id: '',
  userId: '',
  status,
  revision: 1,
  model: 'm',
  version: '1.0.0',
  versionPinned: false,
  variant: 'v',
  artifactSha256: '',
  input: {},
  explain: false,
  price: 3,
  heldBonus: paid ? 1 : 0,
  heldBalance: paid ? 2 : 0,
  idempotencyKey: null,
  requestHash: null,
  output: null,
  explanation: null,
  failure: null,
  createdAt: new Date(),
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
  deadline: null,
  dueAt: null,
  erasedAt: null,
  apiKeyId: null,
})

describe('chargeOf', () => {
  it.each([
    ['QUEUED', 3, 0, 0],
    ['RUNNING', 3, 0, 0],
    ['SUCCEEDED', 0, 3, 0],
    ['FAILED', 0, 0, 3],
    ['CANCELED', 0, 0, 3],
    ['EXPIRED', 0, 0, 3],
  ] as const)('tells where the price of a %s prediction is', (status, held, captured, released) => {
    expect(chargeOf(prediction(status))).toEqual({ price: 3, held, captured, released })
  })

  it('shows a draft, and a draft that was given up, as costing nothing', () => {
    for (const status of ['DRAFT', 'CANCELED'] as const)
      expect(chargeOf(prediction(status, false))).toMatchObject({
        held: 0,
        captured: 0,
        released: 0,
      })
  })
})
