import type { z } from 'zod'
import { type InputIssue, InvalidInputError } from '../errors.js'

/**
 * What was sent, as the schema gives it.
 *
 * @throws InvalidInputError naming every fault together, with what would be accepted.
 */
export function checked<Schema extends z.ZodType>(schema: Schema, sent: unknown): z.output<Schema> {
  const parsed = schema.safeParse(sent)
  if (parsed.success) return parsed.data
  throw new InvalidInputError(parsed.error.issues.map(issueOf))
}

function issueOf(issue: z.core.$ZodIssue): InputIssue {
  const told = { path: issue.path.map(String), message: issue.message }
  switch (issue.code) {
    case 'too_small':
      return { ...told, min: Number(issue.minimum) }
    case 'too_big':
      return { ...told, max: Number(issue.maximum) }
    case 'invalid_value':
      return { ...told, choices: issue.values.map(String) }
    default:
      return told
  }
}
