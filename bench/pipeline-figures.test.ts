import { expect, it } from 'vitest'
import { eachProgram } from './cpu-seconds.js'
import { meanRatio, pipelineFigures } from './pipeline-figures.js'

const sample = (timesMs: number[], seconds: number, cpu: number) => ({
  ...{ inFlight: 64, timesMs, seconds },
  cpuSeconds: eachProgram((name) => (name === 'server' ? cpu : 0)),
})

it('makes of several samples what one long sample would give', () => {
  const figures = pipelineFigures([sample([1, 2, 9], 2, 0.03), sample([3], 6, 0.01)])
  expect(figures).toMatchObject({ inFlight: 64, predictions: 4, perSecond: 0.5, p50: 2, p99: 9 })
  expect(figures.cpuSecondsPer1000).toMatchObject({ server: 10, NATS: 0 })
})

it('sets each round against the machine of that round', () => {
  const rounds = [
    { samples: [sample([4, 4, 4, 4], 1, 0)], transactions: 1000 },
    { samples: [sample([8], 1, 0), { ...sample([1], 1, 0), inFlight: 1 }], transactions: 500 },
  ]
  expect(meanRatio(rounds, 64, ({ p50 }, transactions) => p50 * transactions)).toBe(4000)
  expect(meanRatio(rounds, 64, ({ perSecond }, transactions) => perSecond / transactions)).toBe(
    (4 / 1000 + 1 / 500) / 2,
  )
})
