import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { InstalledModel } from './load-catalogue.js'
import { fileName } from './text.js'

/** An invented input, as a caller sends it, with the answer it must get. */
export const goldenRowSchema = z.strictObject({
  variant: z.string(),
  input: z.record(z.string(), z.unknown()),
  /**
   * A regression's number with its interval, the probability of the positive class, or a picture's
   * size with a grey file of its alpha.
   */
  output: z.union([
    z.strictObject({
      value: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
    z.strictObject({ probability: z.number() }),
    z.strictObject({ width: z.int().positive(), height: z.int().positive(), mask: fileName }),
  ]),
  measures: z.record(z.string(), z.number()),
  /** The largest difference allowed in any of these figures; of a mask, in 1 − IoU. */
  tolerance: z.number().positive(),
})
export type GoldenRow = z.infer<typeof goldenRowSchema>

/** A line of a golden file: its row, or what is wrong with it. */
export type GoldenLine = { line: number } & ({ row: GoldenRow } | { fault: string })

function parseLine(text: string): { row: GoldenRow } | { fault: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { fault: 'it is not JSON' }
  }
  const parsed = goldenRowSchema.safeParse(json)
  if (parsed.success) return { row: parsed.data }
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'the row'}: ${message}`,
  )
  return { fault: faults.join('; ') }
}

/** Reads a model's golden file, its lines numbered from 1; blank ones are left out. */
export async function readGoldenLines({ card, dir }: InstalledModel): Promise<GoldenLine[]> {
  const text = await readFile(join(dir, card.golden), 'utf8')
  return text
    .split('\n')
    .flatMap((each, index) => (each.trim() === '' ? [] : [{ line: index + 1, ...parseLine(each) }]))
}

/**
 * Reads a model's golden rows.
 * @throws Error that names the first bad line.
 */
export async function readGolden(model: InstalledModel): Promise<GoldenRow[]> {
  return (await readGoldenLines(model)).map((each) => {
    if ('row' in each) return each.row
    throw new Error(`${model.card.golden}, line ${each.line}: ${each.fault}`)
  })
}
