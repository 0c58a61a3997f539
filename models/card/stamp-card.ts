import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument, YAMLSeq } from 'yaml'
import { z } from 'zod'
import type { Metric, Subgroup } from './variant-schema.js'

/** Figures that were measured: the whole variant's, those of each input set, and of groups. */
export interface Measured {
  metrics?: readonly Metric[]
  inputSets?: Readonly<Record<string, readonly Metric[]>>
  subgroups?: readonly Subgroup[]
}

const sold = z.looseObject({
  artifact: z.string(),
  files: z.array(z.looseObject({ path: z.string() })).optional(),
  inputSets: z.array(z.looseObject({ name: z.string() })).optional(),
})

const stampable = z.looseObject({
  variants: z.array(sold.extend({ name: z.string() })),
  measures: z.array(z.looseObject({ name: z.string(), optIn: sold.optional() })).default([]),
})

/** What has an artifact in a card, and where it stands: a variant, or a measure told on request. */
function find({ variants, measures }: z.infer<typeof stampable>, name: string) {
  const v = variants.findIndex((each) => each.name === name)
  if (variants[v]) return { variant: variants[v], at: ['variants', v] }
  const m = measures.findIndex((each) => each.name === name)
  const optIn = measures[m]?.optIn
  return optIn && { variant: optIn, at: ['measures', m, 'optIn'] }
}

/**
 * Writes file hashes, and what was measured, into a card, of a variant or of a measure told on
 * request; keeps comments.
 */
export async function stampCard(file: string, name: string, measured: Measured = {}) {
  const card = parseDocument(await readFile(file, 'utf8'))
  const found = find(stampable.parse(card.toJS()), name)
  if (!found) throw new Error(`${file} has no variant ${name}`)
  const { variant, at } = found
  const hash = async (path: string) =>
    createHash('sha256')
      .update(await readFile(join(file, '..', path)))
      .digest('hex')
  card.setIn([...at, 'sha256'], await hash(variant.artifact))
  for (const [f, { path }] of (variant.files ?? []).entries())
    card.setIn([...at, 'files', f, 'sha256'], await hash(path))
  const inline = (metrics: readonly Metric[]) => {
    const list = new YAMLSeq()
    list.items = metrics.map((metric) => card.createNode(metric, { flow: true }))
    return list
  }
  if (measured.metrics) card.setIn([...at, 'metrics'], inline(measured.metrics))
  for (const [s, set] of (variant.inputSets ?? []).entries()) {
    const metrics = measured.inputSets?.[set.name]
    if (metrics) card.setIn([...at, 'inputSets', s, 'metrics'], inline(metrics))
  }
  if (measured.subgroups)
    card.setIn(
      [...at, 'subgroups'],
      measured.subgroups.map((group) => ({ ...group, metrics: inline(group.metrics) })),
    )
  await writeFile(file, card.toString({ lineWidth: 100, singleQuote: true }))
}
