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

/** Reads a model's golden rows; a ZodError or SyntaxError names what is wrong with a line. */
export async function readGolden({ card, dir }: InstalledModel): Promise<GoldenRow[]> {
  const text = await readFile(join(dir, card.golden), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => goldenRowSchema.parse(JSON.parse(line)))
}
