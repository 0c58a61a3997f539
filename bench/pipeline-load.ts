import { isEnded, type PredictInput, type Presage } from '@presage/client'
import { type CpuSeconds, cpuSeconds, eachProgram, type ProgramName } from './cpu-seconds.js'
import { type Percentiles, percentiles } from './percentiles.js'

/** What the pipeline did with `inFlight` predictions at a time. */
export interface PipelineFigures extends Percentiles {
  inFlight: number
  predictions: number
  perSecond: number
  /** Of all processes of each program. */
  cpuSecondsPer1000: CpuSeconds
}

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

/** Mutation sent to final event at the caller, for `forMs`, with `inFlight` of them at all times. */
export async function pipelineLoad(
  callers: readonly Presage[],
  inFlight: number,
  forMs: number,
): Promise<PipelineFigures> {
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
  const per1000 = (name: ProgramName) =>
    ((cpuAfter[name] - cpuBefore[name]) / timesMs.length) * 1000
  return {
    inFlight,
    predictions: timesMs.length,
    perSecond: timesMs.length / seconds,
    cpuSecondsPer1000: eachProgram(per1000),
    ...percentiles(timesMs),
  }
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
