import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * What an operation is for those who count: its kind and its root field, of which the schema has a
 * few dozen. Names and aliases are the caller's invention and never seen here.
 */
export interface OperationLabel {
  kind: `${OperationDefinitionNode['operation']}`
  /** `several` when there are more than one, `introspection` for the schema's own. */
  field: string
}

const known = new WeakMap<OperationDefinitionNode, OperationLabel>()

/** The label of a valid document's operation; found once for each document. */
export function operationLabel(
  document: DocumentNode,
  operationName: string | null | undefined,
): OperationLabel {
  const operation = getOperationAST(document, operationName)
  if (!operation) return { kind: 'query', field: 'none' }
  const label = known.get(operation) ?? labelOf(document, operation)
  known.set(operation, label)
  return label
}

function labelOf(document: DocumentNode, operation: OperationDefinitionNode): OperationLabel {
  const names = new Set(rootFields(document, operation.selectionSet))
  const [name = 'none'] = names
  const field = names.size > 1 ? 'several' : name.startsWith('__') ? 'introspection' : name
  return { kind: operation.operation, field }
}

/** Fragments of a valid document end, so this does. */
const rootFields = (document: DocumentNode, { selections }: SelectionSetNode): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return nameOf(selection)
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(document, selection.selectionSet)
    const fragment = document.definitions.find(
      (it) => it.kind === Kind.FRAGMENT_DEFINITION && it.name.value === selection.name.value,
    )
    return fragment?.kind === Kind.FRAGMENT_DEFINITION
      ? rootFields(document, fragment.selectionSet)
      : []
  })

const nameOf = ({ name }: FieldNode) => name.value
