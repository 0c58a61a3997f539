import type { ResultOf } from 'gql.tada'
import { errorOf } from '../errors/payload-of.js'
import type { Source } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import { operationOf } from '../transport/operation.js'
import { changesSubscription } from './changes-subscription.js'
import { EarlyChanges } from './early-changes.js'
import { type Opening, opening } from './opening.js'
import { advanced, type Prediction, type Progress, readPrediction } from './prediction.js'

/** Who follows a prediction. */
export interface Watcher {
  onState: (prediction: Prediction) => void
  onFail: (error: unknown) => void
}

interface Watched extends Watcher {
  prediction: Prediction
}

/** A feed that nobody needs is closed after so long: back-to-back runs share it. */
const IDLE_MS = 1_000

/**
 * The changes of all predictions that this client runs, through one subscription: 1,000 of them
 * cost one opening, and after a cut one resumption.
 */
export class RunFeed {
  readonly #streams: Streams
  readonly #caller: Caller
  readonly #watched = new Map<string, Set<Watched>>()
  readonly #early = new EarlyChanges()
  #users = 0
  #opening: Opening | undefined
  #source: Source | undefined
  #idle: ReturnType<typeof setTimeout> | undefined
  #cursor: string | null = null
  /** Changes may have been missed. */
  #isGap = false
  /** Raised with each gap that was closed. */
  #gaps = 0

  constructor(streams: Streams, caller: Caller) {
    this.#streams = streams
    this.#caller = caller
  }

  /**
   * Sends a mutation once the feed listens, and follows the prediction that it answers with.
   *
   * @returns what stops following; call it also when the prediction has ended.
   */
  run(mutation: () => Promise<Prediction>, watcher: Watcher): () => void {
    let release: (() => void) | undefined = this.#hold()
    let unwatch = () => {}
    const stop = () => {
      unwatch()
      release?.()
      release = undefined
    }
    const start = async () => {
      await this.#opened()
      const gaps = this.#gaps
      const awaited = this.#early.expect()
      try {
        const prediction = await mutation()
        if (release) unwatch = this.#watch(prediction, watcher)
        // Its first state may have been its last.
        if (!release) unwatch()
        if (gaps !== this.#gaps) await this.#readAgain(prediction.id)
      } finally {
        this.#early.settle(awaited)
      }
    }
    start().catch((error: unknown) => {
      stop()
      watcher.onFail(error)
    })
    return stop
  }

  /** Ends the subscription now instead of when it has been idle. */
  close(): void {
    clearTimeout(this.#idle)
    this.#source?.stop()
    this.#source = undefined
    this.#opening = undefined
    this.#cursor = null
  }

  #hold(): () => void {
    this.#users++
    clearTimeout(this.#idle)
    return () => {
      if (--this.#users === 0) this.#idle = setTimeout(() => this.close(), IDLE_MS)
    }
  }

  #opened(): Promise<void> {
    if (!this.#opening) {
      this.#opening = opening()
      this.#open()
    }
    return this.#opening.promise
  }

  #open(): void {
    this.#source = this.#streams.follow({
      operation: operationOf(changesSubscription),
      variables: () => ({ after: this.#cursor }),
      onData: (data) => this.#take((data as ResultOf<typeof changesSubscription>).events),
      onFail: (error) => this.#fail(error),
    })
  }

  #take(event: ResultOf<typeof changesSubscription>['events']): void {
    switch (event.__typename) {
      case 'FeedOpened':
        this.#cursor = event.cursor
        this.#opening?.resolve()
        if (this.#isGap) this.#readAll()
        return
      case 'PredictionChanged':
        this.#cursor = event.cursor
        this.#change(event.prediction)
        return
      case 'WalletChanged':
        return
      case 'InvalidCursorError':
        if (this.#cursor === null) this.#fail(errorOf(event))
        else this.#startOver()
    }
  }

  /** What happened meanwhile is not kept any more: listen from now on, then read. */
  #startOver(): void {
    this.#source?.stop()
    this.#cursor = null
    this.#isGap = true
    this.#open()
  }

  #change(progress: Progress): void {
    const watched = this.#watched.get(progress.id)
    if (!watched) this.#early.add(progress)
    else for (const each of [...watched]) advance(each, progress)
  }

  #watch(prediction: Prediction, watcher: Watcher): () => void {
    const { id } = prediction
    const watched: Watched = { ...watcher, prediction }
    const all = this.#watched.get(id) ?? new Set()
    this.#watched.set(id, all.add(watched))
    watcher.onState(prediction)
    const early = this.#early.of(id)
    if (early) advance(watched, early)
    return () => {
      all.delete(watched)
      if (all.size === 0 && this.#watched.get(id) === all) this.#watched.delete(id)
    }
  }

  #readAll(): void {
    this.#isGap = false
    this.#gaps++
    for (const id of this.#watched.keys()) void this.#readAgain(id)
  }

  async #readAgain(id: string): Promise<void> {
    try {
      const prediction = await readPrediction(this.#caller, id)
      if (prediction) this.#change(prediction)
    } catch (error) {
      for (const { onFail } of this.#watched.get(id) ?? []) onFail(error)
    }
  }

  #fail(error: unknown): void {
    const all = [...this.#watched.values()].flatMap((watched) => [...watched])
    this.#opening?.reject(error)
    this.close()
    for (const { onFail } of all) onFail(error)
  }
}

function advance(watched: Watched, progress: Progress): void {
  const prediction = advanced(watched.prediction, progress)
  if (prediction === watched.prediction) return
  watched.prediction = prediction
  watched.onState(prediction)
}
