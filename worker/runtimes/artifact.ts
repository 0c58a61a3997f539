import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variant } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import type { z } from 'zod'

/** An artifact that cannot be used: missing, altered or malformed. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
  constructor(
    readonly file: string,
    problem: string,
  ) {
    super(`The artifact ${file} cannot be used: ${problem}`)
  }
}

/** A variant's verified files: the bytes that were hashed are the bytes that are used. */
export interface ArtifactFiles {
  readonly main: string
  bytes(path: string): Uint8Array<ArrayBuffer>
}

async function readVerified(dir: string, path: string, expected: string) {
  const file = join(dir, path)
  const bytes = await readFile(file).catch(() => {
    throw new ArtifactError(file, 'it cannot be read; restore it from the repository')
  })
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (actual !== expected)
    throw new ArtifactError(
      file,
      `its sha256 is ${actual}, the card says ${expected}; restore the file or correct the card`,
    )
  return new Uint8Array(bytes)
}

/**
 * Reads every file of a variant.
 * @throws ArtifactError when one is missing or its sha256 is not the card's.
 */
export async function readArtifact(model: InstalledModel, variant: Variant) {
  const listed = [{ path: variant.artifact, sha256: variant.sha256 }, ...variant.files]
  const read = await Promise.all(
    listed.map(
      async ({ path, sha256 }) => [path, await readVerified(model.dir, path, sha256)] as const,
    ),
  )
  const files = new Map(read)
  const artifact: ArtifactFiles = {
    main: variant.artifact,
    bytes(path) {
      const bytes = files.get(path)
      if (!bytes) throw new ArtifactError(path, `list it under files of variant ${variant.name}`)
      return bytes
    },
  }
  return artifact
}

/**
 * Parses one of a variant's JSON files.
 * @throws ArtifactError when it is not JSON or breaks the schema.
 */
export function parseArtifact<S extends z.ZodType>(
  schema: S,
  files: ArtifactFiles,
  path: string,
): z.output<S> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(files.bytes(path)))
  } catch (error) {
    if (error instanceof ArtifactError) throw error
    throw new ArtifactError(path, 'it is not JSON')
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  throw new ArtifactError(path, `${first?.path.map(String).join('.')}: ${first?.message}`)
}
