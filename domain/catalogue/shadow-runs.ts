import type { FeatureValue } from '@presage/messages/job'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import type { Ask } from '../domain.js'
import { isDefinite } from '../lane/database-errors.js'
import { Lane } from '../lane/lane.js'
import type { HoldItem } from '../predictions/hold-predictions.js'
import { isScored, scoreOf } from '../what-if/score-of.js'
import type { SaleCatalogue } from './sale-catalogue.js'

/** What a shadow is to answer. */
interface ShadowRun {
  predictionId: string
  model: string
  version: string
  variant: string
  input: Record<string, FeatureValue>
}

/** What it answered: a score, or why there is none. */
interface Answered extends Pick<ShadowRun, 'predictionId' | 'model' | 'version'> {
  score: number | null
  failure: string | null
}

interface ShadowRunsParts {
  catalogue: SaleCatalogue
  ask: Ask
  pool: pg.Pool
  /** Of the calls, 0 to 1. */
  share: number
}

/** Questions under way at once: what workers do not keep up with is dropped, and not queued. */
const MAX_ASKING = 8
/** The most runs that wait for their turn, 1 KB each; one more is dropped. */
const MAX_WAITING = 256
/** A version that did not answer is left alone so long: it may be what ends the workers' threads. */
const REST_MS = 5000

/**
 * Tries the shadows of a model on a share of what was paid for, beside the queue and unbilled: a
 * shadow is asked as a what-if is, so that it takes no place in the stream and none in a batch. A
 * run may be lost at any point, is never repeated, and nobody waits for it.
 */
export class ShadowRuns {
  readonly #parts: ShadowRunsParts
  readonly #filing: Lane<Answered, null>
  readonly #resting = new Map<string, number>()
  #waiting: ShadowRun[] = []
  #asking = 0

  constructor(parts: ShadowRunsParts) {
    this.#parts = parts
    const file = (runs: Answered[]) => fileRuns(parts.pool, runs)
    this.#filing = new Lane(file, { isDefinite, maxWaiting: MAX_WAITING })
  }

  /** Takes a share of the calls that have been paid for; returns at once and never fails. */
  sample(calls: readonly HoldItem[]): void {
    const { catalogue, share } = this.#parts
    for (const call of calls) {
      const shadows = catalogue.shadows(call.model)
      // What a caller has pinned is no rival of the shadow's.
      if (shadows.length === 0 || catalogue.model(call.model)?.card.version !== call.version)
        continue
      if (Math.random() >= share) continue
      for (const shadow of shadows) this.#take(shadow, call)
    }
    this.#pump()
  }

  /** Resolves once what was answered is filed. */
  idle(): Promise<void> {
    return this.#filing.idle()
  }

  #take({ card }: InstalledModel, { id: predictionId, variant, input }: HoldItem): void {
    const { name: model, version, task } = card
    // An older version, dropped in late, may not know the variant or a feature; a picture has no score.
    const parsed = parseInput(card, variant, input)
    if (!parsed.ok || task === 'image' || this.#waiting.length >= MAX_WAITING) return
    this.#waiting.push({ predictionId, model, version, variant, input: parsed.values })
  }

  #pump(): void {
    while (this.#asking < MAX_ASKING) {
      const run = this.#waiting.shift()
      if (!run) return
      if ((this.#resting.get(keyOf(run)) ?? 0) > Date.now()) continue
      this.#asking += 1
      void this.#run(run).finally(() => {
        this.#asking -= 1
        this.#pump()
      })
    }
  }

  async #run({ predictionId, ...question }: ShadowRun): Promise<void> {
    const answer = await this.#parts.ask({ ...question, explain: false }).catch(() => null)
    if (!answer) {
      this.#resting.set(keyOf(question), Date.now() + REST_MS)
      return
    }
    const { model, version } = question
    const outcome =
      'output' in answer && isScored(answer.output)
        ? { score: scoreOf(answer.output).score, failure: null }
        : { score: null, failure: 'failure' in answer ? answer.failure.code : 'NO_OUTPUT' }
    // Without a database the run is lost, as it would be without a worker.
    await this.#filing.submit({ predictionId, model, version, ...outcome }).catch(() => {})
  }
}

const keyOf = ({ model, version }: Pick<ShadowRun, 'model' | 'version'>) => `${model}@${version}`

/** Files runs in one statement, but for predictions whose user has had everything erased meanwhile. */
async function fileRuns(pool: pg.Pool, runs: Answered[]): Promise<null[]> {
  await pool.query(
    `INSERT INTO shadow_runs (id, prediction_id, model, version, score, failure)
    SELECT x.id, x.prediction_id, x.model, x.version, x.score, x.failure
    FROM jsonb_to_recordset($1::jsonb) AS x(
      id uuid, prediction_id uuid, model text, version text, score float8, failure text)
    CROSS JOIN LATERAL (
      SELECT FROM predictions q
      WHERE q.id = x.prediction_id AND q.erased_at IS NULL OFFSET 0) p`,
    [
      JSON.stringify(
        runs.map(({ predictionId, ...run }) => ({
          id: uuidv7(),
          prediction_id: predictionId,
          ...run,
        })),
      ),
    ],
  )
  return runs.map(() => null)
}
