import type { z } from 'zod'
import { ArtifactError } from '../artifact.js'

/**
 * What a schema makes of a parsed artifact.
 * @throws ArtifactError that names the first entry that breaks the schema.
 */
export function checkShape<S extends z.ZodType>(
  schema: S,
  json: unknown,
  file: string,
): z.output<S> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  throw new ArtifactError(file, `${first?.path.map(String).join('.')}: ${first?.message}`)
}
