import type { BrokerRates } from './broker-rates.js'
import { type ProgramName, totalOf } from './cpu-seconds.js'
import { type MachineRates, REST_MS } from './machine-rates.js'
import { measuredAt, number, table } from './markdown.js'
import type { PipelineFigures } from './pipeline-load.js'

export interface BenchFigures {
  pipeline: PipelineFigures[]
  machine: MachineRates
  broker: BrokerRates
  workers: number
}

const PROGRAMS: readonly ProgramName[] = ['callers', 'server', 'workers', 'PostgreSQL', 'NATS']

/** One run's figures as Markdown, the pipeline's beside what the same machine does without it. */
export function pipelineReport({ pipeline, machine, broker, workers }: BenchFigures): string {
  const [alone] = pipeline
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
    number(it.perSecond / machine.transactions, 2),
  ]),
)}

The last column divides predictions/s by the machine's raw transactions/s.

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
    ['BEGIN, UPDATE, INSERT, COMMIT through pg, 20 at a time', `${number(machine.transactions)}/s`],
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
