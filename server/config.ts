import type { TokenKeys } from '@presage/domain/identity/token-keys'
import type { UserLimits } from '@presage/domain/limits/limits'
import type { FileTerms } from '@presage/domain/uploads/upload'
import type { TotpRole } from '@presage/domain/viewer'
import { type TracingSettings, tracingOf } from '@presage/telemetry/tracing-settings'
import type { z } from 'zod'
import { envSchema, REMEDIES } from './env-schema.js'

/** What the environment says about this server. */
export interface ServerConfig {
  databaseUrl: string
  databaseConnections: number
  natsUrls: string[]
  stream: { maxBytes: number; replicas: number }
  /** Of pictures. */
  bucket: { maxBytes: number; replicas: number }
  fileTerms: FileTerms
  /** Unfinished jobs of one user in the queue, from each server. */
  jobsPerUser: number
  host: string
  port: number
  trust: { proxies: number; secureCookies: boolean }
  /** Sites whose pages may use the API; `*` is every one. */
  corsOrigins: string[]
  tokens: TokenKeys
  /** null = accounts cannot have second factors. */
  dataKeys: TokenKeys | null
  totpRoles: readonly TotpRole[]
  /** Whole credits. */
  signUpBonus: number
  /** Whole days, at least; they go by the week. */
  eventsKeptDays: number
  testTopUps: boolean
  /** Of each user. */
  limits: UserLimits
  admin: { email: string; password: string } | null
  modelsDir: string | undefined
  /** Of the calls, 0 to 1. */
  shadowShare: number
  /** Between the answer 503 at /ready and the end of the intake. */
  drainDelayMs: number
  /** For which connections that are kept are answered on after that. */
  letGoMs: number
  shutdownStepMs: number
  readyWorkers: number
  /** null = none */
  metrics: { host: string; port: number } | null
  figuresEveryMs: number
  /** null = no traces are kept */
  tracing: TracingSettings | null
  logLevel: string
}

/** The environment cannot be used: every fault, each with its remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(readonly faults: readonly string[]) {
    super(`The server’s environment has faults:\n${faults.map((it) => `  - ${it}`).join('\n')}`)
  }
}

/**
 * Reads the server's settings; an empty variable counts as unset.
 *
 * @throws ConfigError naming all faults together.
 */
export function readConfig(env: Record<string, string | undefined>): ServerConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = envSchema.safeParse(set)
  const faults = parsed.success ? [] : parsed.error.issues.map(faultOf)
  if ((set.ADMIN_EMAIL === undefined) !== (set.ADMIN_PASSWORD === undefined))
    faults.push(
      set.ADMIN_EMAIL === undefined
        ? `ADMIN_EMAIL: is missing; ${REMEDIES.ADMIN_EMAIL}`
        : `ADMIN_PASSWORD: is missing; ${REMEDIES.ADMIN_PASSWORD}`,
    )
  if (set.REQUIRE_TOTP_FOR !== undefined && set.DATA_KEYS === undefined)
    faults.push(`DATA_KEYS: is missing for REQUIRE_TOTP_FOR; ${REMEDIES.DATA_KEYS}`)
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  return configOf(parsed.data)
}

function configOf(it: z.infer<typeof envSchema>): ServerConfig {
  const [current, ...others] = it.TOKEN_KEYS
  const [dataKey, ...otherDataKeys] = it.DATA_KEYS ?? []
  const [databaseUrl] = it.DATABASE_URL
  if (!current || !databaseUrl) throw new ConfigError([])
  return {
    databaseUrl,
    databaseConnections: it.DATABASE_CONNECTIONS,
    natsUrls: it.NATS_URL,
    stream: { maxBytes: it.JOBS_MAX_BYTES, replicas: it.JOBS_REPLICAS },
    bucket: { maxBytes: it.FILES_MAX_BYTES, replicas: it.JOBS_REPLICAS },
    fileTerms: {
      uploadsKeptDays: it.UPLOADS_KEPT_DAYS,
      resultsKeptDays: it.RESULTS_KEPT_DAYS,
    },
    jobsPerUser: it.JOBS_PER_USER,
    host: it.HOST,
    port: it.PORT,
    trust: { proxies: it.TRUST_PROXY, secureCookies: it.COOKIE_SECURE },
    corsOrigins: it.CORS_ORIGINS,
    tokens: { current, others },
    dataKeys: dataKey ? { current: dataKey, others: otherDataKeys } : null,
    totpRoles: it.REQUIRE_TOTP_FOR,
    signUpBonus: it.SIGN_UP_BONUS,
    eventsKeptDays: it.EVENTS_KEPT,
    testTopUps: it.TEST_TOP_UPS,
    limits: {
      openPredictions: it.OPEN_PREDICTIONS,
      predictionsPerMinute: it.PREDICTIONS_PER_MINUTE,
      whatIfsPerDay: it.WHAT_IFS_PER_DAY,
      uploadsPerDay: it.UPLOADS_PER_DAY,
    },
    admin:
      it.ADMIN_EMAIL === undefined || it.ADMIN_PASSWORD === undefined
        ? null
        : { email: it.ADMIN_EMAIL, password: it.ADMIN_PASSWORD },
    modelsDir: it.MODELS_DIR,
    shadowShare: it.SHADOW_SHARE,
    drainDelayMs: it.DRAIN_DELAY_MS,
    letGoMs: it.LET_GO_MS,
    shutdownStepMs: it.SHUTDOWN_STEP_MS,
    readyWorkers: it.READY_WORKERS,
    metrics:
      it.METRICS_PORT === undefined ? null : { host: it.METRICS_HOST, port: it.METRICS_PORT },
    figuresEveryMs: it.FIGURES_EVERY_MS,
    tracing: tracingOf(it, { service: 'presage-server' }),
    logLevel: it.LOG_LEVEL,
  }
}

function faultOf({ path, message, code }: z.core.$ZodIssue): string {
  const name = String(path[0])
  const remedy = Object.entries(REMEDIES).find(([key]) => key === name)?.[1]
  const fault = code === 'invalid_type' && message.includes('undefined') ? 'is missing' : message
  return `${name}: ${fault}; ${remedy}`
}
