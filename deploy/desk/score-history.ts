import { creditInput, MODEL, type Month, VARIANT } from '@presage/domain/desk/credit-input'
import type { NewPerson } from '@presage/domain/desk/insert-clients'
import type { NewScore } from '@presage/domain/desk/insert-scores'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import { type Random, seededRandom } from '@presage/models/random/random'
import { openModel } from '@presage/worker/runtimes/open-model'
import { drawId } from './draw.js'

const SEED = 350
/** How long before the latest month scores were asked for, in months; the newest last. */
const ASKED_BEFORE = [6, 0]
/** Of a hundred clients five were never scored, and of eight the latest payment came after the score. */
const UNSCORED = 0.05
const STALE = 0.08

/** A score to be computed. */
interface Asked {
  clientId: string
  askedBy: string | null
  at: Date
  months: readonly Month[]
  line: NonNullable<NewPerson['line']>
  stale: boolean
}

/** Computes the scores of a desk's past, by the model itself, with their reasons. */
export async function scoreHistory(
  model: InstalledModel,
  clients: readonly NewPerson[],
): Promise<NewScore[]> {
  const random = seededRandom(SEED)
  const asked = clients.flatMap((client) => pastOf(client, random))
  const open = await openModel(model)
  try {
    const inputs = asked.map((each) => inputOf(model, each))
    const rows = inputs.map(({ values }) => ({ values, explain: true }))
    const outcomes = await open.predict(VARIANT, rows)
    return asked.map((each, n) => {
      const outcome = outcomes[n]
      if (!outcome || !('output' in outcome) || outcome.output.kind !== 'classification')
        throw new Error(`the model gives no score of ${each.clientId}`)
      const { probability, band } = outcome.output
      return {
        ...{ id: drawId(each.at, random), clientId: each.clientId, askedBy: each.askedBy },
        ...{ probability, band, model: MODEL, version: model.card.version, variant: VARIANT },
        ...{ input: inputs[n]?.stored ?? null, explanation: outcome.explanation ?? null },
        ...{ createdAt: each.at, stale: each.stale },
      }
    })
  } finally {
    open.close()
  }
}

/** When a client was scored, and on which months. */
function pastOf({ id: clientId, managerId, line, months }: NewPerson, random: Random): Asked[] {
  if (!line || random() < UNSCORED) return []
  const stale = random() < STALE
  return ASKED_BEFORE.map((before) => {
    const known = months.slice(before + (stale ? 1 : 0))
    const at = new Date(`${known[0]?.month}T10:00:00Z`)
    at.setUTCDate(2 + Math.floor(26 * random()))
    at.setUTCMinutes(Math.floor(60 * random()))
    return { clientId, askedBy: managerId, at, months: known, line, stale }
  })
}

function inputOf({ card }: InstalledModel, { line, months }: Asked) {
  const parsed = parseInput(card, VARIANT, creditInput({ line, months }) ?? {})
  if (!parsed.ok) throw new Error(`the model takes no such account: ${parsed.issues[0]?.message}`)
  return parsed
}
