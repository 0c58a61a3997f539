import { type Policy, readPolicy } from '@presage/domain/desk/policy'
import type { GraphQLContext } from '../context.js'

const policies = new WeakMap<GraphQLContext, Promise<Policy>>()

/** The desk's rules as they stand, read once for each request or event. */
export function standingPolicy(context: GraphQLContext): Promise<Policy> {
  const known = policies.get(context) ?? readPolicy(context.creditDesk.domain.db)
  policies.set(context, known)
  return known
}
