import type { FeatureValue } from '@presage/models/card/feature-schema'
import { parseInput } from '@presage/models/card/parse-input'
import type { Domain } from '../../domain.js'
import { DomainError, InvalidInputError, UnavailableError } from '../../errors.js'
import { countWhatIf } from '../../what-if/count-what-if.js'
import type { Desk } from '../desk.js'
import type { DeskViewer } from '../desk-viewer.js'
import { findClient, notTheirs } from '../find-clients.js'
import { payingViewer } from '../paying-viewer.js'
import { type DeskScore, readScoresById } from '../score.js'
import { changedFeatures, type Values, withChanges } from './changed-features.js'
import { shapley } from './shapley.js'

/** A feature of two inputs, in its first unit; null = it was not given. */
export interface FeatureEdit {
  feature: string
  from: FeatureValue | null
  to: FeatureValue | null
}

/** What features that changed together did to the probability. */
export interface DiffPart {
  edits: FeatureEdit[]
  change: number
}

/** A change between two scores: the parts and the version's sum to `change`. */
export interface ScoreDiff {
  a: DeskScore
  b: DeskScore
  /** Of the probability, b − a. */
  change: number
  parts: DiffPart[]
  /** null = both are by one version, or neither is served, and `parts` is one, of all there is. */
  versionChange: number | null
}

/** What one of the scores was computed from has been erased. */
export class ScoreErasedError extends DomainError {
  readonly code = 'SCORE_ERASED'
}

/** Questions that are under way at once. */
const AT_ONCE = 16

/**
 * Splits the change between two scores of a client into what each edited feature did and what the
 * model's version did. The features' parts are {@link shapley} values of the real model, asked of a warm
 * worker, under the version of `b` if it is served: the version's part is then what the input of `a`
 * changes by between the two. If it is not, they are under that of `a`, and the version's part is of the
 * input of `b`. Counts as one unbilled question.
 *
 * @throws NotFoundError, InvalidInputError, ScoreErasedError, RateLimitedError, UnavailableError
 */
export async function scoreDiff(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  aId: string,
  bId: string,
): Promise<ScoreDiff> {
  const scores = await readScoresById(domain.db, [aId, bId])
  const [a, b] = [aId, bId].map((id) => scores.find((score) => score.id === id))
  if (!a || !b) throw notTheirs()
  for (const { clientId } of [a, b]) await findClient({ domain }, me, clientId)
  if (a.clientId !== b.clientId)
    throw new InvalidInputError([{ path: ['b'], message: 'Name two scores of one client.' }])
  await countWhatIf(domain, payingViewer(me.userId))
  const change = b.probability - a.probability
  const split = (await splitUnder(domain, a, b, b)) ?? (await splitUnder(domain, a, b, a))
  return { a, b, change, ...(split ?? { parts: [inOne(domain, a, b)], versionChange: null }) }
}

/** null = the version of `under` is not installed, or does not take both inputs. */
async function splitUnder(domain: Domain, a: DeskScore, b: DeskScore, under: DeskScore) {
  const [from, to] = [valuesOf(domain, a, under), valuesOf(domain, b, under)]
  if (!from || !to) return null
  const players = changedFeatures(from, to)
  const all = 2 ** players.length - 1
  const ask = (coalition: number) =>
    probability(domain, under, withChanges(from, to, players, coalition))
  const sameVersion = a.version === b.version && a.variant === b.variant
  // What was computed is not asked for again, so that the parts meet the scores as they stand.
  const known = new Map<number, number>()
  if (sameVersion || under === a) known.set(0, a.probability)
  if (sameVersion || under === b) known.set(all, b.probability)
  const worths = async (coalitions: readonly number[]) => {
    const left = coalitions.filter((coalition) => !known.has(coalition))
    for (let i = 0; i < left.length; i += AT_ONCE)
      await Promise.all(
        left.slice(i, i + AT_ONCE).map(async (each) => known.set(each, await ask(each))),
      )
    return coalitions.map((coalition) => known.get(coalition) ?? Number.NaN)
  }
  const [none = 0, whole = 0] = await worths([0, all])
  const shares = await shapley(players.length, worths)
  return {
    parts: players.map((player, n) => ({
      edits: editsOf(player, from, to),
      change: shares[n] ?? 0,
    })),
    versionChange: sameVersion ? null : none - a.probability + (b.probability - whole),
  }
}

function valuesOf({ catalogue }: Domain, { input }: DeskScore, under: DeskScore): Values | null {
  if (!input) throw new ScoreErasedError('What this score was computed from has been erased.')
  const card = catalogue.version(under.model, under.version)?.card
  if (!card?.variants.some(({ name }) => name === under.variant)) return null
  const parsed = parseInput(card, under.variant, input)
  return parsed.ok ? parsed.values : null
}

async function probability(
  domain: Domain,
  { model, version, variant }: DeskScore,
  input: Record<string, FeatureValue>,
): Promise<number> {
  const answer = await domain.ask({ model, version, variant, input, explain: false })
  if ('output' in answer && answer.output.kind === 'classification')
    return answer.output.probability
  throw new UnavailableError('The worker could not compute it. Try again.')
}

const editsOf = (features: readonly string[], from: Values, to: Values): FeatureEdit[] =>
  features.map((feature) => ({
    feature,
    from: from[feature] ?? null,
    to: to[feature] ?? null,
  }))

/** Neither version is there to ask: all that differs, as it was sent, with the version in it. */
function inOne(domain: Domain, a: DeskScore, b: DeskScore): DiffPart {
  const card = domain.catalogue.model(a.model)?.card
  const read = ({ input, variant }: DeskScore): Values => {
    const parsed = card && parseInput(card, variant, input ?? {})
    return parsed?.ok ? parsed.values : {}
  }
  const [from, to] = [read(a), read(b)]
  return {
    edits: editsOf(changedFeatures(from, to).flat(), from, to),
    change: b.probability - a.probability,
  }
}
