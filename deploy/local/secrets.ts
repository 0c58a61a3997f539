import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const secretsSchema = z.object({
  /** Signs access tokens and quotes. */
  tokenSecret: z.string().min(43),
  adminPassword: z.string(),
  demoPassword: z.string(),
})
export type Secrets = z.infer<typeof secretsSchema>

/** Made at the first start and kept in the data folder, readable by its owner only. */
export function keptSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json')
  if (existsSync(file)) return secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const secrets = {
    tokenSecret: randomBytes(32).toString('base64url'),
    adminPassword: randomBytes(12).toString('base64url'),
    demoPassword: randomBytes(12).toString('base64url'),
  }
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}
