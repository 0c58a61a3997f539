import { type CpuSeconds, eachProgram } from './cpu-seconds.js'
import { type Percentiles, percentiles } from './percentiles.js'

/** What was seen of the pipeline while `inFlight` predictions were on their way at all times. */
export interface PipelineSample {
  inFlight: number
  /** Mutation sent to final event at the caller, of each prediction. */
  timesMs: number[]
  seconds: number
  /** Of all processes of each program. */
  cpuSeconds: CpuSeconds
}

/** What the pipeline did with `inFlight` predictions at a time. */
export interface PipelineFigures extends Percentiles {
  inFlight: number
  predictions: number
  perSecond: number
  /** Of all processes of each program. */
  cpuSecondsPer1000: CpuSeconds
}

/** The figures of samples of one load, as if they were one long sample. */
export function pipelineFigures(samples: readonly PipelineSample[]): PipelineFigures {
  const timesMs = samples.flatMap((sample) => sample.timesMs)
  const total = (of: (sample: PipelineSample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0)
  return {
    inFlight: samples[0]?.inFlight ?? 0,
    predictions: timesMs.length,
    perSecond: timesMs.length / total(({ seconds }) => seconds),
    cpuSecondsPer1000: eachProgram(
      (name) => (total(({ cpuSeconds }) => cpuSeconds[name]) / timesMs.length) * 1000,
    ),
    ...percentiles(timesMs),
  }
}
