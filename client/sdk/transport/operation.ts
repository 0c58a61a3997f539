import { stringifyDocument, type TypedDocumentNode } from '@urql/core'

/** A document that knows the types of its result and variables. */
export type Document<Result, Variables> = TypedDocumentNode<Result, Variables>

/** A document as it is sent. */
export interface Operation {
  readonly query: string
  readonly operationName: string | undefined
}

export type Variables = Readonly<Record<string, unknown>>

const known = new WeakMap<object, Operation>()

/** Prints a document once, however often it is sent. */
export function operationOf(document: Document<unknown, never>): Operation {
  const printed = known.get(document)
  if (printed) return printed
  const definition = document.definitions.find(({ kind }) => kind === 'OperationDefinition')
  const operationName =
    definition && 'name' in definition && definition.name ? definition.name.value : undefined
  const operation = { query: stringifyDocument(document), operationName }
  known.set(document, operation)
  return operation
}
