import { startBenchStack } from './bench-stack.js'
import { number } from './markdown.js'
import { pipelineFigures } from './pipeline-figures.js'
import { pipelineLoad } from './pipeline-load.js'
import { TraceSink } from './trace-sink.js'

const WORKERS = 2
const CALLERS = 16
const IN_FLIGHT = 64
const FOR_MS = Number(process.env.BENCH_MS ?? 10_000)

/** Predictions/s of a stack of its own, whose programs send their spans to `collector`. */
async function rate(collector: string | undefined): Promise<number> {
  if (collector) process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector
  else delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  const stack = await startBenchStack(WORKERS, CALLERS)
  try {
    await pipelineLoad(stack.callers, IN_FLIGHT, FOR_MS / 2)
    return pipelineFigures([await pipelineLoad(stack.callers, IN_FLIGHT, FOR_MS)]).perSecond
  } finally {
    await stack.stop()
  }
}

const sink = await TraceSink.start()
// In this order a machine that becomes slower or faster by the minute treats both alike.
const first = await rate(undefined)
const traced = [await rate(sink.url), await rate(sink.url)]
const plain = [first, await rate(undefined)]
await sink.close()
if (sink.requests === 0) throw new Error('no span was exported')
const mean = (rates: number[]) => rates.reduce((sum, each) => sum + each, 0) / rates.length
process.stdout.write(
  `${IN_FLIGHT} in flight: ${plain.map((each) => number(each)).join(' and ')} predictions/s without traces, ` +
    `${traced.map((each) => number(each)).join(' and ')} with all of them exported ` +
    `(${number(sink.bytes / 1e6, 1)} MB), a ratio of ${number(mean(traced) / mean(plain), 2)}.\n`,
)
