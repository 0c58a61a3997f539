import type { BrokerRates } from './broker-rates.js'
import { type ProgramName, totalOf } from './cpu-seconds.js'
import { type MachineRates, REST_MS } from './machine-rates.js'
import { measuredAt, number, table } from './markdown.js'
import type { PipelineFigures } from './pipeline-figures.js'

export interface BenchFigures {
  pipeline: PipelineFigures[]
  /** Transactions a second of the machine alone, before, between and after the rounds. */
  raw: number[]
  machine: MachineRates
  broker: BrokerRates
  workers: number
}

const PROGRAMS: readonly ProgramName[] = ['callers', 'server', 'workers', 'PostgreSQL', 'NATS']

/**
 * What is aimed at on a machine of 3,200 raw transactions a second: a p50 of 5 ms alone, 1,200
 * predictions a second and 2 CPU-s per 1,000; in raw transactions, as other machines are slower.
 */
const AIMS = { alone: 16, share: 0.375, cpu: 6.4 }

/** One run's figures as Markdown, the pipeline's beside what the same machine does without it. */
export function pipelineReport({ pipeline, raw, machine, broker, workers }: BenchFigures): string {
  const [alone] = pipeline
  const transactions = raw.reduce((sum, each) => sum + each, 0) / raw.length
  return `# Benchmarks

${measuredAt('pnpm bench --write')} Everything runs on these cores: the callers, one server, ${workers} workers, PostgreSQL with fsync, and NATS. One run's figures are comparable among themselves; between runs compare the ratios.

## A prediction: mutation sent to final event at the caller

${table(
  [
    'in flight',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'predictions/s',
    'CPU-s per 1,000',
    'of a raw transaction',
  ],
  pipeline.map((it) => [
    number(it.inFlight),
    number(it.p50, 1),
    number(it.p95, 1),
    number(it.p99, 1),
    number(it.perSecond),
    number(totalOf(it.cpuSecondsPer1000), 2),
    number(it.perSecond / transactions, 2),
  ]),
)}

The last column divides predictions/s by the machine's raw transactions/s.

## The aims

They are set for a machine of 3,200 raw transactions/s; this one made ${number(transactions)} (${raw.map((each) => number(each)).join(', ')} before, between and after the rounds).

${table(
  ['what', 'aim', 'as a ratio', 'here'],
  [
    [
      'p50 at one in flight, and the raw transactions that the machine makes in that time',
      '5 ms',
      `at most ${AIMS.alone}`,
      number(((alone?.p50 ?? Number.NaN) * transactions) / 1000, 1),
    ],
    ...pipeline
      .filter((it) => it !== alone)
      .flatMap((it) => [
        [
          `predictions/s at ${number(it.inFlight)} ÷ raw transactions/s`,
          '1,200/s',
          `at least ${AIMS.share}`,
          number(it.perSecond / transactions, 3),
        ],
        [
          `CPU-s per 1,000 at ${number(it.inFlight)} × 1,000 raw transactions/s`,
          '2 CPU-s',
          `at most ${AIMS.cpu}`,
          number((totalOf(it.cpuSecondsPer1000) * transactions) / 1000, 2),
        ],
      ]),
  ],
)}

## Whose CPU that is, in CPU-s per 1,000

${table(
  ['in flight', ...PROGRAMS],
  pipeline.map((it) => [
    number(it.inFlight),
    ...PROGRAMS.map((name) => number(it.cpuSecondsPer1000[name], 2)),
  ]),
)}

## The machine alone, in the same run

${table(
  ['what', 'figure'],
  [
    ['BEGIN, UPDATE, INSERT, COMMIT through pg, 20 at a time', `${number(transactions)}/s`],
    ['one prepared SELECT through pg, 20 at a time', `${number(machine.statements)}/s`],
    [
      `one prepared SELECT through pg after ${REST_MS} ms of rest, p50`,
      `${number(machine.restedStatementMs, 2)} ms`,
    ],
    ['JetStream job and core reply, 64 at a time', `${number(broker.roundTrips)}/s`],
    ['JetStream job and core reply, one at a time, p50', `${number(broker.roundTripMs, 2)} ms`],
    [
      'a prediction at one in flight ÷ that',
      `${number((alone?.p50 ?? Number.NaN) / broker.roundTripMs, 1)} ×`,
    ],
  ],
)}
`
}
