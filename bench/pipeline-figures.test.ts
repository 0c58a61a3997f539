import { expect, it } from 'vitest'
import { eachProgram } from './cpu-seconds.js'
import { pipelineFigures } from './pipeline-figures.js'

const sample = (timesMs: number[], seconds: number, cpu: number) => ({
  ...{ inFlight: 64, timesMs, seconds },
  cpuSeconds: eachProgram((name) => (name === 'server' ? cpu : 0)),
})

it('is of several samples what it were of one long sample', () => {
  const figures = pipelineFigures([sample([1, 2, 9], 2, 0.03), sample([3], 6, 0.01)])
  expect(figures).toMatchObject({ inFlight: 64, predictions: 4, perSecond: 0.5, p50: 2, p99: 9 })
  expect(figures.cpuSecondsPer1000).toMatchObject({ server: 10, NATS: 0 })
})
