import type { ExecutionResult } from 'graphql'

/** Results of a subscription, which can be ended while the next one is awaited. */
export type ResultStream = AsyncGenerator<ExecutionResult, void, void>

/**
 * Executes each event of a source; what goes wrong ends it with the error that `told` makes of it.
 * Unlike an async generator it passes `return` to the source at once, which wakes it when it waits.
 */
export function eachEvent(
  source: AsyncIterator<unknown>,
  execute: (event: unknown) => Promise<ExecutionResult>,
  told: (error: unknown) => Error,
): ResultStream {
  const end = async (): Promise<IteratorResult<ExecutionResult, void>> => {
    await source.return?.()
    return { done: true, value: undefined }
  }
  return {
    async next() {
      try {
        const event = await source.next()
        if (event.done) return { done: true, value: undefined }
        return { done: false, value: await execute(event.value) }
      } catch (error) {
        await end()
        throw told(error)
      }
    },
    return: end,
    async throw(error) {
      await end()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/**
 * A stream that can be made to fail at once, even while its next result is awaited. `onEnd` hears of
 * its end, whichever comes first.
 */
export function failable(
  stream: ResultStream,
  onEnd: () => void,
): { stream: ResultStream; fail(error: Error): void } {
  let failure: Error | null = null
  let refuse: (error: Error) => void = () => {}
  let over = false
  const ended = () => {
    if (!over) onEnd()
    over = true
  }
  const end = () => {
    ended()
    return stream.return()
  }
  const next = () =>
    new Promise<IteratorResult<ExecutionResult, void>>((resolve, reject) => {
      if (failure) return reject(failure)
      refuse = reject
      stream.next().then(resolve, reject)
    })
  return {
    stream: {
      ...stream,
      async next() {
        try {
          const result = await next()
          if (result.done) ended()
          return result
        } catch (error) {
          await end()
          throw error
        }
      },
      return: end,
      [Symbol.asyncIterator]() {
        return this
      },
    },
    fail(error) {
      failure = error
      refuse(error)
    },
  }
}
