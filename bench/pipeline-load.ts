import { isEnded, type PredictInput, type Presage } from '@presage/client'
import { cpuSeconds, eachProgram } from './cpu-seconds.js'
import type { PipelineSample } from './pipeline-figures.js'

const input: PredictInput = {
  bioAge: {
    variant: 'PHENOAGE',
    features: {
      age: 50,
      sex: 'FEMALE',
      albumin: { value: 4.2 },
      creatinine: { value: 0.9 },
      glucose: { value: 95 },
      crp: { value: 0.2 },
      lymphocytes: { value: 30 },
      mcv: 90,
      rdw: 13,
      alp: { value: 70 },
      wbc: { value: 7 },
    },
  },
}

/** Runs predictions for `forMs`, `inFlight` of them at all times. */
export async function pipelineLoad(
  callers: readonly Presage[],
  inFlight: number,
  forMs: number,
): Promise<PipelineSample> {
  const timesMs: number[] = []
  const cpuBefore = cpuSeconds(process.pid)
  const startedAt = performance.now()
  const endAt = startedAt + forMs
  const loop = async (_: unknown, i: number) => {
    const caller = callers[i % callers.length]
    while (caller && performance.now() < endAt) timesMs.push(await onePrediction(caller))
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  const seconds = (performance.now() - startedAt) / 1000
  const cpuAfter = cpuSeconds(process.pid)
  const used = eachProgram((name) => cpuAfter[name] - cpuBefore[name])
  return { inFlight, timesMs, seconds, cpuSeconds: used }
}

async function onePrediction(caller: Presage): Promise<number> {
  const sentAt = performance.now()
  for await (const prediction of caller.run(input))
    if (isEnded(prediction)) {
      if (prediction.status !== 'SUCCEEDED') throw new Error(`ended as ${prediction.status}`)
      return performance.now() - sentAt
    }
  throw new Error('the run ended without a final state')
}
