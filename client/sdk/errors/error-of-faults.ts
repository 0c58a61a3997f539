import type { Fault } from '../transport/reply.js'
import type { PresageError } from './presage-error.js'
import type { RefusalOf } from './refusal.js'
import { InvalidInputError, NotFoundError, RateLimitedError } from './refused-error.js'
import { RequestError } from './request-error.js'
import { UnauthenticatedError } from './unauthenticated-error.js'

/** GraphQL errors as one error of this package, by the code of the first. */
export function errorOfFaults(faults: readonly Fault[]): PresageError {
  const [first] = faults
  const message = first?.message ?? 'The server answered without data.'
  const code = textOf(first, 'code') ?? 'UNKNOWN'
  switch (code) {
    case 'UNAUTHENTICATED':
      return new UnauthenticatedError(message)
    case 'NOT_FOUND':
      return new NotFoundError({ __typename: 'NotFoundError', code, message })
    case 'RATE_LIMITED':
      return new RateLimitedError({
        __typename: 'RateLimitedError',
        code,
        message,
        retryAfterMs: Number(first?.extensions?.retryAfterMs ?? 0),
      })
    case 'BAD_USER_INPUT':
      return new InvalidInputError({
        __typename: 'InvalidInputError',
        code,
        message,
        issues: faults.map(issueOf),
      })
    default:
      return new RequestError(code, message, first?.path ?? [], textOf(first, 'correlationId'))
  }
}

/** Faults of shape come from GraphQL itself, which tells where and in what range by extensions. */
function issueOf(fault: Fault): RefusalOf<'InvalidInputError'>['issues'][number] {
  const { path, unit, min, max, choices } = fault.extensions ?? {}
  return {
    path: Array.isArray(path) ? belowFeatures(path.map(String)) : [],
    message: fault.message,
    unit: typeof unit === 'string' ? unit : null,
    min: typeof min === 'number' ? min : null,
    max: typeof max === 'number' ? max : null,
    choices: Array.isArray(choices) ? choices.map(String) : null,
  }
}

/** Paths of features begin with their name, whoever refused them. */
const belowFeatures = (path: string[]): string[] => path.slice(path.indexOf('features') + 1)

function textOf(fault: Fault | undefined, key: string): string | undefined {
  const value = fault?.extensions?.[key]
  return typeof value === 'string' ? value : undefined
}
