import { predictMany } from '@presage/domain/bulks/predict-many'
import type { PredictionRequest } from '@presage/domain/catalogue/parse-request'
import type { Domain } from '@presage/domain/domain'
import { DomainError } from '@presage/domain/errors'
import { cancelPrediction } from '@presage/domain/predictions/cancel-prediction'
import type { Closing } from '@presage/domain/predictions/close-predictions'
import { createDraft, runDraft } from '@presage/domain/predictions/drafts'
import { predict } from '@presage/domain/predictions/predict'
import { startPredictions } from '@presage/domain/predictions/start-predictions'
import type { Viewer } from '@presage/domain/viewer'
import { lockWallet } from '@presage/domain/wallet/book-transfer'
import { moveCredits } from '@presage/domain/wallet/move-credits'
import type { Prisma } from '@presage/prisma/generated/client/client'
import type { Change, MoveKind, Step } from './money-story.js'
import { passDays } from './pass-days.js'
import type { TestVariant } from './test-catalogue.js'

/** What one call with an idempotency key was told. */
export interface Told {
  /** The key with all that it is scoped to. */
  key: string
  input: string
  /** How many answers to any calls were there when this one was sent. */
  sentAfter: number
  /** What the call brought about, and whether by itself; or the code of a refusal. */
  answer: { made: string; replayed: boolean } | { code: string }
}

/** A prediction or a draft, and whose it is. */
interface Owned {
  id: string
  viewer: Viewer
}

const OUTPUT = {
  ...{ kind: 'regression' as const, value: 1, unit: 'years', measures: [] },
  ...{ low: null, high: null, level: null },
}

const FAILURE = { code: 'NO', message: 'No.' }

const chosen = <T>(items: readonly T[], by: number): T | undefined => items[by % items.length]

/** How a prediction ends. */
export const closingOf = (id: string, does: 'succeed' | 'fail' | 'expire'): Closing => {
  if (does === 'succeed') return { id, status: 'SUCCEEDED', output: OUTPUT }
  return does === 'fail' ? { id, status: 'FAILED', failure: FAILURE } : { id, status: 'EXPIRED' }
}

/** Lets the deadline of an open prediction pass, under the wallet's lock: before or after its end. */
export const lapse = ({ db }: Domain, { userId }: Viewer, id: string): Promise<number> =>
  db.prisma.$transaction(async (tx) => {
    const { at: deadline } = await lockWallet(tx, userId)
    const where = {
      id,
      status: { in: ['QUEUED', 'RUNNING'] },
    } satisfies Prisma.PredictionWhereInput
    return (await tx.prediction.updateMany({ where, data: { deadline } })).count
  })

/** Plays a story on some servers, and keeps what everybody was told. */
export class MoneyStage {
  readonly told: Told[] = []
  readonly predictions: Owned[] = []
  readonly drafts: Owned[] = []
  /** The predictions that a result or a deadline ended, each time that this was told. */
  readonly ended: string[] = []

  constructor(
    readonly servers: readonly Domain[],
    readonly users: readonly Viewer[],
  ) {}

  async play(rounds: readonly Step[][]): Promise<void> {
    for (const round of rounds) await Promise.all(round.map((step) => this.#take(step)))
  }

  /** Ends whatever is still open, one way or the other. */
  async finish(): Promise<void> {
    await Promise.all(
      this.predictions.map(({ id }, i) => this.#close(i, id, i % 2 === 0 ? 'succeed' : 'fail')),
    )
  }

  #take(step: Step): Promise<void> {
    switch (step.does) {
      case 'predict':
        return this.#predict(step)
      case 'predictMany':
        return this.#predictMany(step)
      case 'draft':
        return this.#draft(step)
      case 'runDraft':
        return this.#runDraft(step)
      case 'passDays':
        return passDays(this.#server(step), this.#user(step), step.days)
      case 'start':
      case 'lapse':
      case 'succeed':
      case 'fail':
      case 'expire':
      case 'cancel':
        return this.#change(step)
      default:
        return this.#move(step)
    }
  }

  async #predict(step: Step & { does: 'predict' }): Promise<void> {
    const [domain, viewer] = [this.#server(step), this.#user(step)]
    const { variant, n, key } = step
    await this.#keyed(`${viewer.userId} predict ${key}`, `${variant} ${n}`, async () => {
      const { prediction, replayed } = await predict(
        domain,
        viewer,
        requestOf(variant, n),
        run(key),
      )
      if (!replayed) this.predictions.push({ id: prediction.id, viewer })
      return { made: prediction.id, replayed }
    })
  }

  async #predictMany(step: Step & { does: 'predictMany' }): Promise<void> {
    const [domain, viewer] = [this.#server(step), this.#user(step)]
    const { items, allOrNothing, key: idempotencyKey } = step
    const key = `${viewer.userId} predictMany ${idempotencyKey}`
    await this.#keyed(key, JSON.stringify([items, allOrNothing]), async () => {
      const requests = items.map(({ variant, n }) => requestOf(variant, n))
      const how = { idempotencyKey, allOrNothing, explain: false }
      const read = (item: unknown) => item as PredictionRequest
      const { bulk, replayed } = await predictMany(domain, viewer, requests, read, how)
      if (!replayed) await this.#took(domain, viewer, bulk.id)
      return { made: bulk.id, replayed }
    })
  }

  async #took({ db }: Domain, viewer: Viewer, bulkId: string): Promise<void> {
    const items = await db.prisma.bulkItem.findMany({ where: { bulkId } })
    for (const { predictionId: id } of items) if (id) this.predictions.push({ id, viewer })
  }

  async #draft(step: Step & { does: 'draft' }): Promise<void> {
    const [domain, viewer] = [this.#server(step), this.#user(step)]
    const { prediction } = await createDraft(domain, viewer, requestOf(step.variant, 0))
    this.drafts.push({ id: prediction.id, viewer })
  }

  async #runDraft(step: Step & { does: 'runDraft' }): Promise<void> {
    const draft = chosen(this.drafts, step.which)
    if (!draft) return
    const { id, viewer } = draft
    await this.#keyed(`${viewer.userId} runDraft ${step.key}`, id, async () => {
      const { replayed } = await runDraft(this.#server(step), viewer, id, run(step.key))
      if (!replayed) this.predictions.push(draft)
      return { made: id, replayed }
    })
  }

  async #change(step: Step & { does: Change }) {
    const target = chosen([...this.predictions, ...this.drafts], step.which)
    if (!target) return
    const { id, viewer } = target
    const domain = this.#server(step)
    if (step.does === 'start') await startPredictions(domain.db.pool, [id])
    else if (step.does === 'lapse') await lapse(domain, viewer, id)
    else if (step.does === 'cancel') await expected(() => cancelPrediction(domain, viewer, id))
    else await this.#close(step.server, id, step.does)
  }

  async #close(server: number, id: string, does: 'succeed' | 'fail' | 'expire'): Promise<void> {
    const closed = await this.#server({ server }).closings.submit(closingOf(id, does))
    if (closed) this.ended.push(id)
  }

  async #move(step: Step & { does: MoveKind }): Promise<void> {
    const { userId } = this.#user(step)
    const { does: kind, key: idempotencyKey, amount } = step
    const order = { userId, kind, amount, idempotencyKey, actorId: userId, reason: 'a test' }
    await this.#keyed(`${userId} ${kind} ${idempotencyKey}`, String(amount), async () => {
      const { transfer, replayed } = await moveCredits(this.#server(step), order)
      return { made: String(transfer.seq), replayed }
    })
  }

  async #keyed(
    key: string,
    input: string,
    call: () => Promise<{ made: string; replayed: boolean }>,
  ): Promise<void> {
    const sentAfter = this.told.length
    const answer = await expected(call)
    this.told.push({ key, input, sentAfter, answer })
  }

  #server({ server }: { server: number }): Domain {
    return existing(chosen(this.servers, server))
  }

  #user({ user }: { user: number }): Viewer {
    return existing(chosen(this.users, user))
  }
}

const requestOf = (variant: TestVariant, n: number) => ({ model: 'toll', variant, features: { n } })

const run = (idempotencyKey: string) => ({ idempotencyKey, explain: false, waitMs: 0 })

function existing<T>(item: T | undefined): T {
  if (item === undefined) throw new Error('there is none to choose from')
  return item
}

/** What a call answers, or the code by which the domain refuses it; anything else is a bug. */
async function expected<T>(call: () => Promise<T>): Promise<T | { code: string }> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code }
    throw error
  }
}
