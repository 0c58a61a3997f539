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

/** Each load once, one after the other. */
export interface Round {
  samples: readonly PipelineSample[]
  /** Transactions a second of the machine alone, the mean of just before and just after. */
  transactions: number
}

/** What a round's figures are against what the machine alone did around it; the mean of the rounds. */
export function meanRatio(
  rounds: readonly Round[],
  inFlight: number,
  ratio: (figures: PipelineFigures, transactions: number) => number,
): number {
  const ratios = rounds.map(({ samples, transactions }) => {
    const own = samples.filter((sample) => sample.inFlight === inFlight)
    return ratio(pipelineFigures(own), transactions)
  })
  return ratios.reduce((sum, each) => sum + each, 0) / ratios.length
}
