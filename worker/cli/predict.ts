import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { openModel } from '../runtimes/open-model.js'
import { deliverTo } from './deliver-picture.js'
import { CommandError, installedModel, runCommand } from './installed.js'
import { predictLines } from './predict-lines.js'

function variantOf({ card }: InstalledModel, name: string | undefined): string {
  const names = card.variants.map((variant) => variant.name)
  const variant = name === undefined ? names[0] : names.find((each) => each === name.toLowerCase())
  if (variant) return variant
  throw new CommandError(`${card.name} has the variants ${names.join(', ')}; not ${name}.`)
}

async function* printed(answers: AsyncIterable<string>) {
  for await (const answer of answers) yield `${answer}\n`
}

/**
 * Predicts with no server: `<name> [--variant V] [--explain] [--out DIR]`. A JSON object a line in,
 * one out for each, in order; a bad one gets a line that names what is wrong with it. An upload is
 * the path of a file; a picture is written into DIR, or stands in its line in base64.
 */
await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      variant: { type: 'string' },
      explain: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  })
  const model = await installedModel(positionals[0])
  const variant = variantOf(model, values.variant)
  const open = await openModel(model)
  const deliver = await deliverTo(values.out)
  // Nothing is waited for between this and its reading: what ends meanwhile would be lost.
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  const run = { model, open, variant, explain: values.explain, deliver }
  try {
    await pipeline(printed(predictLines(lines, run)), process.stdout, { end: false })
  } finally {
    // It may be open still when nobody reads any more.
    process.stdin.destroy()
    open.close()
  }
})
