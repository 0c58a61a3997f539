import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './schema.js'

/** Any value of JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Types documents from the printed schema; `schema.d.ts` is made by `pnpm generate`. */
export const graphql = initGraphQLTada<{
  introspection: introspection
  scalars: {
    /** ISO 8601, in UTC. */
    DateTime: string
    JSON: Json
    /** Whole, below 2^53. */
    SafeInt: number
    /** Goes beside the variables: `CallOptions.file`. */
    Upload: null
  }
  disableMasking: true
}>()
