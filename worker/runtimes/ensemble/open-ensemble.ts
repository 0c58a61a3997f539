import { z } from 'zod'
import { type ArtifactFiles, parseArtifact } from '../artifact.js'
import { openRuntime } from '../open-runtime.js'
import { sigmoid } from '../probability.js'
import {
  type Attribution,
  type Computed,
  type Explained,
  type OpenRuntime,
  RowError,
  type Runtime,
  type Values,
} from '../runtime.js'

/** Models that answer together; each reports its own answer as the measure of that name. */
export const ensembleArtifactSchema = z.strictObject({
  members: z
    .array(z.strictObject({ runtime: z.string(), artifact: z.string(), measure: z.string() }))
    .min(2),
  /** The measure that says how far the members' answers lie apart. */
  disagreement: z.string(),
})
type EnsembleArtifact = z.infer<typeof ensembleArtifactSchema>

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length

/** The mean answer of a row, or the first member's reason not to have one. */
function combine(
  { members, disagreement }: EnsembleArtifact,
  answers: readonly (Computed | RowError | undefined)[],
  report: (value: number) => number,
): Computed | RowError {
  const values: number[] = []
  for (const answer of answers) {
    if (answer instanceof RowError) return answer
    values.push(answer?.value ?? Number.NaN)
  }
  const reported = values.map(report)
  const measures = Object.fromEntries(members.map(({ measure }, m) => [measure, reported[m] ?? 0]))
  const spread = Math.max(...reported) - Math.min(...reported)
  return { value: mean(values), measures: { ...measures, [disagreement]: spread } }
}

/** The mean of attributions: a feature that a member does not use has no share of it there. */
function average(attributions: readonly (Attribution | undefined)[]): Attribution {
  const shares = new Map<string, Attribution['contributions'][number]>()
  for (const attribution of attributions)
    for (const each of attribution?.contributions ?? []) {
      const contribution = each.contribution / attributions.length
      const before = shares.get(each.feature)?.contribution ?? 0
      shares.set(each.feature, { ...each, contribution: before + contribution })
    }
  return {
    baseline: mean(attributions.map((each) => each?.baseline ?? Number.NaN)),
    contributions: [...shares.values()],
  }
}

/** Each member's own values are what it explains: its value is not the ensemble's. */
async function explainMember(member: Runtime, rows: readonly Explained[]) {
  const computed = await member.predictBatch(rows.map(({ values }) => values))
  return member.explainBatch(
    rows.map(({ values }, index) => {
      const own = computed[index]
      return { values, value: own instanceof RowError || !own ? Number.NaN : own.value }
    }),
  )
}

/** Opens models that answer together: the mean of their values, for classes of their log-odds. */
export const openEnsemble: OpenRuntime = async (files, context) => {
  const artifact = parseArtifact(ensembleArtifactSchema, files, files.main)
  const own = (main: string): ArtifactFiles => ({ main, bytes: (path) => files.bytes(path) })
  const members = await Promise.all(
    artifact.members.map((member) => openRuntime(member.runtime, own(member.artifact), context)),
  )
  const report = context.card.task === 'classification' ? sigmoid : (value: number) => value
  return {
    calibration: undefined,
    async predictBatch(rows: readonly Values[]) {
      const answers = await Promise.all(members.map((member) => member.predictBatch(rows)))
      return rows.map((_, row) =>
        combine(
          artifact,
          answers.map((each) => each[row]),
          report,
        ),
      )
    },
    async explainBatch(rows) {
      const all = await Promise.all(members.map((member) => explainMember(member, rows)))
      return rows.map((_, row) => average(all.map((each) => each[row])))
    },
    close: () => {
      for (const member of members) member.close()
    },
  }
}
