import { writeFile } from 'node:fs/promises'
import { startBenchStack } from './bench-stack.js'
import { brokerRates } from './broker-rates.js'
import { machineRates, rawTransactions } from './machine-rates.js'
import type { PipelineSample, Round } from './pipeline-figures.js'
import { pipelineLoad } from './pipeline-load.js'
import { pipelineReport } from './pipeline-report.js'

const REPORT = new URL('../docs/benchmarks.md', import.meta.url)
const WORKERS = 2
const CALLERS = 16
const MACHINE_CONCURRENCY = 20
const LOADS = [1, 64, 1000]
/** A machine's speed may change by the minute: what is compared is measured close together, and often. */
const ROUNDS = 4
const FOR_MS = Number(process.env.BENCH_MS ?? 5_000)

const progress = (what: string) => process.stdout.write(`${what} …\n`)

progress('starting')
const stack = await startBenchStack(WORKERS, CALLERS)
const transactions = () => rawTransactions(stack.databaseUrl, MACHINE_CONCURRENCY, FOR_MS / 2)
try {
  progress('warming up')
  for (const inFlight of [64, 1000, 1]) await pipelineLoad(stack.callers, inFlight, 2 * FOR_MS)
  const rounds: Round[] = []
  let before = await transactions()
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round} of ${ROUNDS}`)
    const samples: PipelineSample[] = []
    for (const inFlight of LOADS) samples.push(await pipelineLoad(stack.callers, inFlight, FOR_MS))
    const after = await transactions()
    rounds.push({ samples, transactions: (before + after) / 2 })
    before = after
  }
  progress('the machine alone')
  const machine = await machineRates(stack.databaseUrl, MACHINE_CONCURRENCY, FOR_MS)
  const broker = await brokerRates(stack.natsUrl, 64, FOR_MS)
  const figures = { loads: LOADS, rounds, machine, broker, workers: WORKERS, forMs: FOR_MS }
  const report = pipelineReport(figures)
  process.stdout.write(`\n${report}`)
  if (process.argv.includes('--write')) await writeFile(REPORT, report)
} finally {
  await stack.stop()
}
