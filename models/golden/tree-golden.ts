import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelCard } from '../card/card-schema.js'
import type { GoldenRow } from '../card/golden.js'
import { derive } from '../derive/derive.js'
import { cellReader } from '../xgboost/cells.js'
import { explainTrees } from '../xgboost/explain-trees.js'
import { accept } from './invent.js'

/** What XGBoost's own explanation of an invented row is, in the log-odds of the model. */
export const contributionRowSchema = z.strictObject({
  variant: z.string(),
  input: z.record(z.string(), z.unknown()),
  baseline: z.number(),
  contributions: z.record(z.string(), z.number()),
})
export type ContributionRow = z.infer<typeof contributionRowSchema>

/** The part of XGBoost's format that is read here. */
const boosterSchema = z.looseObject({
  learner: z.looseObject({ feature_names: z.array(z.string()) }),
})
const wrapperSchema = z.looseObject({ trees: z.string(), scale: z.number(), offset: z.number() })

/** A trees variant: the booster's file and columns, and Platt's line. */
async function readTrees(dir: string, artifact: string) {
  const json = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(dir, file), 'utf8'))
  const wrapper = wrapperSchema.safeParse(await json(artifact))
  const { trees, scale, offset } = wrapper.data ?? { trees: artifact, scale: 1, offset: 0 }
  const { learner } = boosterSchema.parse(await json(trees))
  return { booster: join(dir, trees), columns: learner.feature_names, scale, offset }
}

/** Where the model lies, and the Python that has XGBoost. */
export interface TreeReference {
  card: ModelCard
  dir: string
  python: string
}

/** XGBoost's own log-odds and contributions of invented inputs, on the scale of the model. */
export async function referTrees(
  { card, dir, python }: TreeReference,
  variant: string,
  inputs: readonly Record<string, unknown>[],
): Promise<(ContributionRow & { logOdds: number })[]> {
  const artifact = card.variants.find(({ name }) => name === variant)?.artifact ?? ''
  const { booster, columns, scale, offset } = await readTrees(dir, artifact)
  const read = cellReader(columns, card.features)
  const rows = inputs.map((input) => read(derive(card.derived, accept(card, variant, input))))
  const answers = await explainTrees(booster, columns, rows, python)
  return answers.map(({ margin, baseline, contributions }, index) => ({
    variant,
    input: inputs[index] ?? {},
    logOdds: offset + scale * margin,
    baseline: offset + scale * baseline,
    contributions: Object.fromEntries(
      columns.map((column, place) => [column, scale * Number(contributions[place])]),
    ),
  }))
}

export const probabilityOf = (logOdds: number) => 1 / (1 + Math.exp(-logOdds))

/** A golden row of a classification that was answered by another program. */
export const goldenRow = (
  variant: string,
  input: Record<string, unknown>,
  logOdds: number,
  measures: Record<string, number> = {},
): GoldenRow => ({
  variant,
  input,
  output: { probability: probabilityOf(logOdds) },
  measures,
  tolerance: 1e-6,
})
