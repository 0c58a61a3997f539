import {
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  Kind,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
  visit,
} from 'graphql'
import type { InputFaults, Path } from './input-faults.js'

/** GraphQL's own check of literal values, its errors told as input faults. */
export const inputFaultsRule =
  (faults: InputFaults): ValidationRule =>
  (context) => {
    const reportError = (error: GraphQLError) => {
      const type = context.getArgument()?.type
      const [node] = error.nodes ?? []
      const path = node && pathOf(context.getDocument(), node)
      if (type && path)
        Object.assign(error.extensions, faults.extensions(type, path, error.message))
      context.reportError(error)
    }
    return ValuesOfCorrectTypeRule(Object.create(context, { reportError: { value: reportError } }))
  }

/** The argument and the input fields that lead to a value in a document. */
function pathOf(document: DocumentNode, wanted: ASTNode): Path {
  const path: Path = []
  let found = false
  visit(document, {
    enter(node) {
      if (found) return false
      if (node.kind === Kind.ARGUMENT) path.length = 0
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) path.push(node.name.value)
      found = node === wanted
      return undefined
    },
    leave(node) {
      if (!found && node.kind === Kind.OBJECT_FIELD) path.pop()
    },
  })
  return path
}
