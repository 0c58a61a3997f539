import type { BrokerRates } from './broker-rates.js'
import { type ProgramName, totalOf } from './cpu-seconds.js'
import { type MachineRates, REST_MS } from './machine-rates.js'
import { measuredAt, number, table } from './markdown.js'
import { meanRatio, pipelineFigures, type Round } from './pipeline-figures.js'

export interface BenchFigures {
  /** In flight. */
  loads: readonly number[]
  rounds: readonly Round[]
  /** Of each load in each round. */
  forMs: number
  machine: MachineRates
  broker: BrokerRates
  workers: number
}

const PROGRAMS: readonly ProgramName[] = ['callers', 'server', 'workers', 'PostgreSQL', 'NATS']

/** The machine that the aims are set for, in raw transactions a second. */
const AIMED_AT = 3200
/** A prediction's p50 alone, in ms. */
const AIM_MS = 5
/** Predictions a second. */
const AIM_RATE = 1200
/** CPU-s per 1,000 predictions. */
const AIM_CPU = 2

/** One run's figures as Markdown, the pipeline's beside what the same machine does without it. */
export function pipelineReport(figures: BenchFigures): string {
  const { loads, rounds, machine, broker, workers, forMs } = figures
  const pipeline = loads.map((load) =>
    pipelineFigures(
      rounds.flatMap(({ samples }) => samples.filter(({ inFlight }) => inFlight === load)),
    ),
  )
  const [alone] = pipeline
  const transactions = rounds.reduce((sum, it) => sum + it.transactions, 0) / rounds.length
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

They are set for a machine of two cores that makes ${number(AIMED_AT)} raw transactions/s. This one made ${number(transactions)} around the ${rounds.length} rounds of ${number(forMs / 1000)} s for each load (${rounds.map((it) => number(it.transactions)).join(', ')}), so that what is compared is the ratio, the mean of the rounds. It says nothing between machines of more cores, or whose disk is what bounds their transactions.

${table(['what', 'aim', 'as a ratio', 'here'], aims(figures))}

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

/** Each aim, what it is in raw transactions, and what was measured so. */
function aims({ loads: [alone = 1, ...together], rounds }: BenchFigures): string[][] {
  const msIn = meanRatio(rounds, alone, ({ p50 }, transactions) => (p50 * transactions) / 1000)
  return [
    [
      'p50 of a prediction alone, in raw transactions that the machine makes meanwhile',
      `${AIM_MS} ms`,
      `at most ${number((AIM_MS * AIMED_AT) / 1000, 1)}`,
      number(msIn, 1),
    ],
    ...together.flatMap((load) => {
      const rate = meanRatio(rounds, load, ({ perSecond }, raw) => perSecond / raw)
      const cpu = meanRatio(rounds, load, (it, raw) => totalOf(it.cpuSecondsPer1000) * raw)
      return [
        [
          `predictions for each raw transaction, ${number(load)} in flight`,
          `${number(AIM_RATE)}/s`,
          `at least ${number(AIM_RATE / AIMED_AT, 3)}`,
          number(rate, 3),
        ],
        [
          `CPU-s per 1,000 predictions, times 1,000s of raw transactions/s, ${number(load)} in flight`,
          `${AIM_CPU} CPU-s`,
          `at most ${number((AIM_CPU * AIMED_AT) / 1000, 1)}`,
          number(cpu / 1000, 2),
        ],
      ]
    }),
  ]
}
