import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const secretsSchema = z.object({
  /** Signs access tokens and quotes. */
  tokenSecret: z.string().min(43),
  /** Encrypts second factors. */
  dataSecret: z.string().min(43),
  adminPassword: z.string(),
  demoPassword: z.string(),
})
export type Secrets = z.infer<typeof secretsSchema>

/** Made at the first start and kept in the data folder, readable by its owner only. */
export function keptSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json')
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const isWhole = secretsSchema.safeParse(kept)
  if (isWhole.success) return isWhole.data
  // A folder of an earlier version lacks what has come since.
  const secrets = secretsSchema.parse({ ...newSecrets(), ...kept })
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}

const newSecrets = (): Secrets => ({
  tokenSecret: randomBytes(32).toString('base64url'),
  dataSecret: randomBytes(32).toString('base64url'),
  adminPassword: randomBytes(12).toString('base64url'),
  demoPassword: randomBytes(12).toString('base64url'),
})
