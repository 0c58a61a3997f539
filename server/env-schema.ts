import { tokenKey } from '@presage/domain/identity/token-keys'
import { DEFAULT_LIMITS } from '@presage/domain/limits/limits'
import { DEFAULT_FILE_TERMS } from '@presage/domain/uploads/upload'
import { TOTP_ROLES } from '@presage/domain/viewer'
import { TRACING_REMEDIES, tracingShape } from '@presage/telemetry/tracing-settings'
import { z } from 'zod'

const whole = (min: number, max: number) =>
  z.coerce.number('must be a whole number').int('must be a whole number').min(min).max(max)

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true')

const addresses = (protocols: string[]) =>
  z
    .string()
    .transform((text) => text.split(',').map((url) => url.trim()))
    .refine(
      (urls) => urls.every((url) => URL.canParse(url) && protocols.includes(new URL(url).protocol)),
      'is not an address',
    )

const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((all) => all.every((it) => it === '*' || originOf(it) === it), 'is not a list of origins')

const originOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).origin : null)

const KEY = /^([\w.-]{1,32}):(.{32,})$/

const tokenKeys = z
  .string()
  .transform((text) => text.split(',').map((pair) => KEY.exec(pair.trim())))
  .refine((pairs) => pairs.every((pair) => pair !== null), 'is not a list of kid:secret')
  .transform((pairs) =>
    pairs.flatMap((pair) => (pair ? [tokenKey(pair[1] ?? '', pair[2] ?? '')] : [])),
  )
  .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'has a name twice')

const roles = z
  .string()
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(TOTP_ROLES, 'names another role than USER, MANAGER or ADMIN')))

/** Every setting, with its default. */
export const envSchema = z.object({
  DATABASE_URL: addresses(['postgres:', 'postgresql:']),
  DATABASE_CONNECTIONS: whole(1, 1000).default(10),
  NATS_URL: addresses(['nats:', 'tls:']).default(['nats://127.0.0.1:4222']),
  JOBS_MAX_BYTES: whole(1024, Number.MAX_SAFE_INTEGER).default(512 * 1024 * 1024),
  JOBS_REPLICAS: whole(1, 5).default(1),
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  TRUST_PROXY: whole(0, 10).default(0),
  COOKIE_SECURE: flag.default(true),
  CORS_ORIGINS: origins.default([]),
  TOKEN_KEYS: tokenKeys,
  DATA_KEYS: tokenKeys.optional(),
  REQUIRE_TOTP_FOR: roles.default([]),
  SIGN_UP_BONUS: whole(0, 1_000_000).default(50),
  EVENTS_KEPT: whole(1, 3650).default(30),
  TEST_TOP_UPS: flag.default(false),
  ADMIN_EMAIL: z.string().optional(),
  ADMIN_PASSWORD: z.string().optional(),
  MODELS_DIR: z.string().optional(),
  DRAIN_DELAY_MS: whole(0, 600_000).default(0),
  LET_GO_MS: whole(0, 600_000).default(0),
  JOBS_PER_USER: whole(1, 20_000).default(512),
  OPEN_PREDICTIONS: whole(1, 1_000_000).default(DEFAULT_LIMITS.openPredictions),
  PREDICTIONS_PER_MINUTE: whole(1, 100_000_000).default(DEFAULT_LIMITS.predictionsPerMinute),
  WHAT_IFS_PER_DAY: whole(0, 1_000_000).default(DEFAULT_LIMITS.whatIfsPerDay),
  UPLOADS_PER_DAY: whole(0, 1_000_000).default(DEFAULT_LIMITS.uploadsPerDay),
  UPLOADS_KEPT_DAYS: whole(1, 3650).default(DEFAULT_FILE_TERMS.uploadsKeptDays),
  RESULTS_KEPT_DAYS: whole(1, 3650).default(DEFAULT_FILE_TERMS.resultsKeptDays),
  FILES_MAX_BYTES: whole(1024, Number.MAX_SAFE_INTEGER).default(4 * 1024 ** 3),
  SHADOW_SHARE: z.coerce.number('must be a number').min(0).max(1).default(0.1),
  SHUTDOWN_STEP_MS: whole(0, 600_000).default(5000),
  READY_WORKERS: whole(0, 1000).default(0),
  METRICS_PORT: whole(0, 65_535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  FIGURES_EVERY_MS: whole(10, 86_400_000).default(60_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ...tracingShape,
})

/** What each setting is to be set to. */
export const REMEDIES: Record<keyof z.infer<typeof envSchema>, string> = {
  DATABASE_URL: 'set it to PostgreSQL’s address, e.g. postgresql://user:password@host:5432/presage',
  DATABASE_CONNECTIONS:
    'set it to the connections for reads, 1 to 1000 (10); the lanes have 3 more',
  NATS_URL: 'set it to the address of nats-server (nats://127.0.0.1:4222), or several with commas',
  JOBS_MAX_BYTES: 'set it to the size up to which jobs may queue in NATS, in bytes (536870912)',
  JOBS_REPLICAS: 'set it to the number of NATS servers that keep jobs and pictures, 1 to 5 (1)',
  HOST: 'set it to the address to listen on (127.0.0.1); 0.0.0.0 is all',
  PORT: 'set it to the port to listen on, 0 to 65535 (4000); 0 is a free one',
  TRUST_PROXY: 'set it to the number of your proxies in front of this server, 0 to 10 (0)',
  COOKIE_SECURE: 'set it to false only where browsers come without HTTPS (true)',
  CORS_ORIGINS:
    'set it to the sites whose pages may use the API, e.g. https://app.example.com,https://example.org (none); * is every site, without cookies',
  TOKEN_KEYS:
    'set it to kid:secret,kid:secret with secrets of 32 characters or more; the first signs',
  DATA_KEYS:
    'set it to kid:secret,kid:secret with secrets of 32 characters or more; the first encrypts second factors, and none may be dropped while they need it',
  REQUIRE_TOTP_FOR: 'set it to the roles that need a second factor, e.g. MANAGER,ADMIN',
  SIGN_UP_BONUS: 'set it to the credits a new account gets, 0 to 1000000 (50)',
  EVENTS_KEPT: 'set it to the days for which events can be resumed, 1 to 3650 (30)',
  TEST_TOP_UPS: 'set it to true only where credits are play money (false)',
  ADMIN_EMAIL: 'set it to the first admin’s e-mail, together with ADMIN_PASSWORD, or neither',
  ADMIN_PASSWORD: 'set it to the first admin’s password, together with ADMIN_EMAIL, or neither',
  JOBS_PER_USER:
    'set it to the unfinished jobs of one user that a server keeps in the queue, 1 to 20000 (512)',
  OPEN_PREDICTIONS: 'set it to the predictions that one user may have open, 1 to 1000000 (20000)',
  PREDICTIONS_PER_MINUTE:
    'set it to the predictions and items of bulks a minute that one server takes of one user, and as many changes of drafts, 1 to 100000000 (300000)',
  WHAT_IFS_PER_DAY: 'set it to the unbilled questions a day of one user, 0 to 1000000 (5000)',
  UPLOADS_PER_DAY: 'set it to the uploads a day of one user, 0 to 1000000 (200)',
  UPLOADS_KEPT_DAYS: 'set it to the days for which uploaded pictures are kept, 1 to 3650 (30)',
  RESULTS_KEPT_DAYS:
    'set it to the days for which pictures that predictions made are kept, 1 to 3650 (30)',
  FILES_MAX_BYTES:
    'set it to the size up to which NATS keeps pictures, in bytes (4294967296); uploads are refused beyond',
  SHADOW_SHARE:
    'set it to the share of the calls that new versions are tried on unbilled, 0 to 1 (0.1)',
  MODELS_DIR: 'set it to the folder of the model folders, or unset it for the shipped models',
  DRAIN_DELAY_MS:
    'set it to the time your proxies need to see that /ready says no, in ms (0); requests are taken meanwhile',
  LET_GO_MS:
    'set it to the time for which your proxies keep connections on which nothing happens, in ms (0); a server that leaves answers on them for so long',
  SHUTDOWN_STEP_MS: 'set it to the longest each step of a shutdown may take, in ms (5000)',
  READY_WORKERS: 'set it to the workers without which a server is not ready, 0 to 1000 (0)',
  METRICS_PORT: 'set it to a port of its own for /metrics, 0 is a free one (none)',
  METRICS_HOST: 'set it to the address of that port (127.0.0.1); never a public one',
  FIGURES_EVERY_MS: 'set it to how often the books are read at most, 10 to 86400000 ms (60000)',
  LOG_LEVEL: 'choose trace, debug, info, warn, error, fatal or silent (info)',
  ...TRACING_REMEDIES,
}
