import { resolve } from 'node:path'
import { z } from 'zod'
import { repositoryRoot } from '../repository.js'

const urlOf = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol))

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/** Every setting, with its default. */
export const envSchema = z.object({
  DATA_DIR: z.string().default('.data'),
  PORT: whole(0, 65_535).default(4000),
  WORKERS: whole(0, 64).default(2),
  DATABASE_URL: urlOf('postgresql:', 'postgres:').optional(),
  NATS_URL: z
    .string()
    .refine((list) => list.split(',').every((url) => urlOf('nats:', 'tls:').safeParse(url).success))
    .optional(),
  BACKUP_DIR: z.string().optional(),
  BACKUP_EVERY_HOURS: whole(0, 8760).default(24),
  BACKUP_KEEP: whole(1, 1000).default(2),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(12).optional(),
})
type Env = z.infer<typeof envSchema>

/** What each setting is to be set to. */
export const REMEDIES: Record<keyof Env, string> = {
  DATA_DIR: 'the folder of all data, .data by default',
  PORT: 'a number from 0 to 65535: 4000 by default, 0 for any free port',
  WORKERS: 'how many workers to run, from 0 to 64: 2 by default',
  DATABASE_URL: 'postgresql://user:password@host:5432/database, or unset for an embedded server',
  NATS_URL: 'nats://host:4222, several separated by commas, or unset for an embedded server',
  BACKUP_DIR: 'the folder for back-ups of the embedded database, or unset for none',
  BACKUP_EVERY_HOURS:
    'how often to take a base back-up, from 1 to 8760 hours: 24 by default, 0 for only by pnpm backup',
  BACKUP_KEEP: 'how many base back-ups to keep, from 1 to 1000: 2 by default',
  ADMIN_EMAIL: 'the e-mail address of the first administrator',
  ADMIN_PASSWORD: 'the first administrator’s password, of at least 12 characters',
}

/** Where back-ups go, and how many there are. */
export interface BackupSettings {
  /** Absolute. */
  readonly dir: string
  /** 0 = none by itself. */
  readonly everyHours: number
  readonly keep: number
}

/** What a local run is told by its environment and command line. */
export interface Settings {
  /** Absolute. */
  readonly dataDir: string
  readonly port: number
  readonly workers: number
  readonly databaseUrl: string | undefined
  readonly natsUrl: string | undefined
  /** Of the embedded database; undefined = none. */
  readonly backup: BackupSettings | undefined
  /** Generated when not given. */
  readonly admin: { readonly email: string; readonly password: string } | undefined
  /** End after the demonstration. */
  readonly once: boolean
}

/** The environment or the command line cannot be used: all faults, each with its remedy. */
export class SettingsError extends Error {
  override name = 'SettingsError'
  constructor(readonly faults: readonly string[]) {
    super(['Presage cannot start like this:', ...faults.map((fault) => `  - ${fault}`)].join('\n'))
  }
}

/**
 * Reads the settings of a local run; an empty variable counts as unset.
 * @throws {SettingsError}
 */
export function readSettings(env: NodeJS.ProcessEnv, args: readonly string[]): Settings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = envSchema.safeParse(set)
  const unknown = args.filter((arg) => arg !== '--once')
  const faults = [
    ...unknown.map((arg) => `Unknown option ${arg}: there is only --once.`),
    ...(parsed.error?.issues ?? []).map((issue) => faultOf(String(issue.path[0]), set)),
    ...loneAdmin(set),
    ...foreignBackup(set),
  ]
  if (!parsed.success || faults.length > 0) throw new SettingsError([...new Set(faults)])
  const { DATA_DIR, PORT, WORKERS, DATABASE_URL, NATS_URL, ADMIN_EMAIL, ADMIN_PASSWORD } =
    parsed.data
  const { BACKUP_DIR, BACKUP_EVERY_HOURS, BACKUP_KEEP } = parsed.data
  return {
    dataDir: resolve(repositoryRoot, DATA_DIR),
    port: PORT,
    workers: WORKERS,
    databaseUrl: DATABASE_URL,
    natsUrl: NATS_URL,
    backup: BACKUP_DIR
      ? {
          dir: resolve(repositoryRoot, BACKUP_DIR),
          everyHours: BACKUP_EVERY_HOURS,
          keep: BACKUP_KEEP,
        }
      : undefined,
    admin:
      ADMIN_EMAIL && ADMIN_PASSWORD ? { email: ADMIN_EMAIL, password: ADMIN_PASSWORD } : undefined,
    once: args.includes('--once'),
  }
}

const isName = (name: string): name is keyof Env => name in REMEDIES

/** Shows what was set, but never a password. */
function faultOf(name: string, set: Record<string, string | undefined>) {
  const isSecret = name.endsWith('PASSWORD') || name.endsWith('_URL')
  const shown = isSecret ? '' : ` is ${JSON.stringify(set[name])}`
  return `${name}${shown}: set it to ${isName(name) ? REMEDIES[name] : 'another value'}.`
}

function foreignBackup({ BACKUP_DIR, DATABASE_URL }: Record<string, string | undefined>) {
  if (!BACKUP_DIR || !DATABASE_URL) return []
  return [
    'BACKUP_DIR is for the embedded database: back up the one at DATABASE_URL by its own means.',
  ]
}

function loneAdmin({ ADMIN_EMAIL, ADMIN_PASSWORD }: Record<string, string | undefined>) {
  if ((ADMIN_EMAIL === undefined) === (ADMIN_PASSWORD === undefined)) return []
  return ['ADMIN_EMAIL and ADMIN_PASSWORD belong together: set both, or none.']
}
