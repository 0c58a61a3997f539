/** A GraphQL error as it arrives. */
export interface Fault {
  message: string
  path?: readonly (string | number)[]
  extensions?: Readonly<Record<string, unknown>>
}

/** An execution's result as it arrives; its data is trusted to have the schema's types. */
export interface Reply {
  data?: unknown
  errors?: readonly Fault[]
}

export const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' &&
  value !== null &&
  ('data' in value || ('errors' in value && Array.isArray(value.errors)))
