import { orGraphQLError } from '../errors.js'

/** A live reading whose end for want of rights is told as GraphQL tells errors. */
export const watched = <T>(source: AsyncIterableIterator<T>): AsyncIterableIterator<T> => ({
  next: () => orGraphQLError(source.next()),
  return: () => source.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  [Symbol.asyncIterator]() {
    return this
  },
})
