import { DomainError } from '@presage/domain/errors'
import { orGraphQLError } from '../errors.js'

/**
 * A live reading whose end for want of rights is its last event, for {@link told} to throw: an iterator
 * that throws ends a subscription without a word.
 */
export const watched = <T>(
  source: AsyncIterableIterator<T>,
): AsyncIterableIterator<T | DomainError> => ({
  next: () =>
    source.next().catch((error: unknown) => {
      if (error instanceof DomainError) return { done: false, value: error }
      throw error
    }),
  return: () => source.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  [Symbol.asyncIterator]() {
    return this
  },
})

/**
 * What an event of {@link watched} is about.
 *
 * @throws GraphQLError when it was the last one.
 */
export const told = <T>(event: T | DomainError): Promise<T> =>
  orGraphQLError(event instanceof DomainError ? Promise.reject(event) : Promise.resolve(event))
