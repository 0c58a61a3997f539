import {
  DomainError,
  IdempotencyConflictError,
  InvalidInputError,
  type InputIssue as Issue,
  NotFoundError,
  RateLimitedError,
} from '@presage/domain/errors'
import { GraphQLError } from 'graphql'
import { builder } from './builder.js'

/** What every expected failure tells. */
export const ErrorInterface = builder.interfaceRef<DomainError>('Error').implement({
  description: 'An expected failure.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, SCREAMING_SNAKE.' }),
    message: t.exposeString('message', { description: 'For people; may change.' }),
  }),
})

/** One fault of an input. */
export const InputIssue = builder.objectRef<Issue>('InputIssue').implement({
  description: 'One fault of an input. The range is in `unit`; null = does not apply.',
  fields: (t) => ({
    path: t.exposeStringList('path'),
    message: t.exposeString('message'),
    unit: t.exposeString('unit', { nullable: true }),
    min: t.exposeFloat('min', { nullable: true }),
    max: t.exposeFloat('max', { nullable: true }),
    choices: t.exposeStringList('choices', { nullable: true }),
  }),
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'The input was refused; nothing was held and no key was bound.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({ type: [InputIssue], resolve: (error) => error.issues }),
  }),
})

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'Also when it exists and is not yours.',
  interfaces: [ErrorInterface],
})

builder.objectType(IdempotencyConflictError, {
  name: 'IdempotencyConflictError',
  description: 'The key is bound to another input.',
  interfaces: [ErrorInterface],
})

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'Too many calls.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ retryAfterMs: t.exposeInt('retryAfterMs') }),
})

/** An expected failure on a field that has no union for it, as a GraphQL error with its code. */
export const toGraphQLError = (error: DomainError): GraphQLError =>
  new GraphQLError(error.message, { extensions: { code: error.code } })

/** Answers with an expected failure as a GraphQL error; for fields without a result union. */
export async function orGraphQLError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof DomainError ? toGraphQLError(error) : error
  }
}
