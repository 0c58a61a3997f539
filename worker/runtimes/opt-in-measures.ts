import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { asksFor, type OptIn, optInMeasures } from '@presage/models/card/measure-schema'
import { optInVariant } from '@presage/models/card/opt-in-variant'
import { readArtifact } from './artifact.js'
import { openRuntime } from './open-runtime.js'
import { sigmoid } from './probability.js'
import { type Computed, RowError, type Runtime, type Values } from './runtime.js'

/** A figure told on request, beside the runtime that computes its log-odds. */
export interface OptInMeasure {
  name: string
  optIn: OptIn
  runtime: Runtime
}

/**
 * Opens the models behind a card's figures on request.
 * @throws ArtifactError when one is missing, altered, malformed or of an unknown runtime.
 */
export const openOptIns = ({ card, dir }: InstalledModel): Promise<OptInMeasure[]> =>
  Promise.all(
    optInMeasures(card.measures).map(async (measure) => {
      const variant = optInVariant(measure)
      const files = await readArtifact({ card, dir }, variant)
      const runtime = await openRuntime(variant.runtime, files, { card, variant })
      return { name: measure.name, optIn: measure.optIn, runtime }
    }),
  )

/** Adds to each computed row the figures that it asked for. */
export async function withOptIns(
  measures: readonly OptInMeasure[],
  rows: readonly Values[],
  computed: readonly (Computed | RowError)[],
): Promise<(Computed | RowError)[]> {
  const complete = [...computed]
  for (const { name, optIn, runtime } of measures) {
    const asked = [...rows.entries()].filter(([, values]) => asksFor(optIn, values))
    if (asked.length === 0) continue
    const figures = await runtime.predictBatch(asked.map(([, values]) => values))
    asked.forEach(([row], index) => {
      const [answer, figure] = [complete[row], figures[index]]
      if (!answer || answer instanceof RowError || !figure) return
      complete[row] =
        figure instanceof RowError
          ? figure
          : { ...answer, measures: { ...answer.measures, [name]: sigmoid(figure.value) } }
    })
  }
  return complete
}
