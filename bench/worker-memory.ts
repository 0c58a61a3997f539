import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const SCRIPT = fileURLToPath(new URL('measure-memory.ts', import.meta.url))

const readingSchema = z.object({
  kind: z.string(),
  predictions: z.number(),
  /** After each quarter of the predictions, with nothing left to collect; bytes. */
  quarters: z
    .array(z.object({ used: z.number(), resident: z.number(), tensors: z.number() }))
    .min(2),
})

/** How the memory of a worker's models went over predictions of one kind. */
export type MemoryReading = z.infer<typeof readingSchema>

/** What was in use more at the end than after the first quarter, bytes; it warms up in that. */
export const growthOf = ({ quarters }: MemoryReading) =>
  Number(quarters.at(-1)?.used) - Number(quarters[0]?.used)

/**
 * Has a process of its own make so many predictions of each kind that the installed models are
 * asked for, with what a worker's inference thread makes them: each variant with and without
 * explanation, what-ifs, and a hundredth as many searches for counterfactuals.
 * @param pictures how many small ones each variant of an image model draws.
 */
export async function* workerMemory(
  predictions: number,
  pictures: number,
): AsyncGenerator<MemoryReading> {
  const flags = ['--expose-gc', '--import', 'tsx', '--conditions=presage-source']
  const child = spawn(process.execPath, [...flags, SCRIPT, String(predictions), String(pictures)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    for await (const line of createInterface(child.stdout))
      yield readingSchema.parse(JSON.parse(line))
    const [code] = await exited
    if (code !== 0) throw new Error(`the measurement of memory ended with ${code}`)
  } finally {
    child.kill()
  }
}
