import { writeFile } from 'node:fs/promises'
import { startBenchStack } from './bench-stack.js'
import { brokerRates } from './broker-rates.js'
import { machineRates } from './machine-rates.js'
import { pipelineLoad } from './pipeline-load.js'
import { pipelineReport } from './pipeline-report.js'

const REPORT = new URL('../docs/benchmarks.md', import.meta.url)
const WORKERS = 2
const CALLERS = 16
const MACHINE_CONCURRENCY = 20
const FOR_MS = Number(process.env.BENCH_MS ?? 10_000)

const progress = (what: string) => process.stdout.write(`${what} …\n`)

progress('starting')
const stack = await startBenchStack(WORKERS, CALLERS)
try {
  progress('warming up')
  await pipelineLoad(stack.callers, 64, FOR_MS / 2)
  const pipeline = []
  for (const inFlight of [1, 64, 1000]) {
    progress(`pipeline, ${inFlight} in flight`)
    pipeline.push(await pipelineLoad(stack.callers, inFlight, FOR_MS))
  }
  progress('the machine alone')
  const machine = await machineRates(stack.databaseUrl, MACHINE_CONCURRENCY, FOR_MS / 2)
  const broker = await brokerRates(stack.natsUrl, 64, FOR_MS / 2)
  const report = pipelineReport({ pipeline, machine, broker, workers: WORKERS })
  process.stdout.write(`\n${report}`)
  if (process.argv.includes('--write')) await writeFile(REPORT, report)
} finally {
  await stack.stop()
}
