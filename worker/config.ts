import { hostname } from 'node:os'
import {
  TRACING_REMEDIES,
  type TracingSettings,
  tracingOf,
  tracingShape,
} from '@presage/telemetry/tracing-settings'
import { z } from 'zod'

const whole = (min: number, max: number) =>
  z.coerce.number(`must be a whole number`).int('must be a whole number').min(min).max(max)

const natsUrls = z
  .string()
  .transform((value) => value.split(',').map((url) => url.trim()))
  .refine((urls) => urls.every(isNatsUrl), 'is not a list of nats:// or tls:// addresses')

const modelNames = z
  .string()
  .transform((value) => value.split(',').map((name) => name.trim()))
  .refine((names) => names.every((name) => /^[\w-]+$/.test(name)), 'is not a list of model names')

/** Every setting, with its default. */
export const envSchema = z.object({
  NATS_URL: natsUrls.default(['nats://127.0.0.1:4222']),
  MODELS_DIR: z.string().min(1).optional(),
  MODELS: modelNames.optional(),
  MAX_IN_FLIGHT: whole(1, 4096).default(1024),
  MAX_ATTEMPTS: whole(1, 100).default(5),
  COMPUTE_TIMEOUT_MS: whole(100, 3_600_000).default(60_000),
  DRAIN_MS: whole(0, 600_000).default(10_000),
  WORKER_NAME: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'is not a name')
    .default(() => `${hostname().replace(/[^\w.-]/g, '-')}-${process.pid}`.slice(-64)),
  METRICS_PORT: whole(0, 65_535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ...tracingShape,
})

/** What each setting is to be set to. */
export const REMEDIES: Record<keyof z.infer<typeof envSchema>, string> = {
  NATS_URL: 'set it to the address of nats-server (nats://127.0.0.1:4222), or several with commas',
  MODELS_DIR: 'set it to the folder of the model folders, or unset it for the shipped models',
  MODELS: 'name the models that this worker serves, with commas (all that are installed)',
  MAX_IN_FLIGHT: 'set it to the number of jobs one worker may hold, 1 to 4096 (1024)',
  MAX_ATTEMPTS: 'set it to the deliveries after which a job counts as poison, 1 to 100 (5)',
  COMPUTE_TIMEOUT_MS: 'set it to the longest a batch may compute, 100 to 3600000 ms (60000)',
  DRAIN_MS: 'set it to the longest a shutdown may take, 0 to 600000 ms (10000)',
  WORKER_NAME: 'use 1 to 64 letters, digits, dots, dashes or underscores (machine and process)',
  METRICS_PORT: 'set it to a port of its own for /metrics, 0 is a free one; unset is none',
  METRICS_HOST: 'set it to the address of that port (127.0.0.1); never a public one',
  LOG_LEVEL: 'choose trace, debug, info, warn, error, fatal or silent (info)',
  ...TRACING_REMEDIES,
}

/** What the environment says about this worker; durations are in milliseconds. */
export interface WorkerConfig {
  natsUrls: string[]
  modelsDir: string | undefined
  /** undefined = all that are installed */
  models: string[] | undefined
  maxInFlight: number
  maxAttempts: number
  computeTimeoutMs: number
  drainMs: number
  name: string
  /** null = none */
  metrics: { host: string; port: number } | null
  /** null = no traces are kept */
  tracing: TracingSettings | null
  logLevel: string
}

/** The environment cannot be used: every fault, each with its remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly faults: readonly string[]) {
    super(
      ['The environment of the worker has faults:', ...faults.map((it) => `  - ${it}`)].join('\n'),
    )
  }
}

/**
 * Reads the worker's settings; an empty variable counts as unset.
 * @throws ConfigError naming all faults together.
 */
export function readConfig(env: Record<string, string | undefined>): WorkerConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = envSchema.safeParse(set)
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(describeFault))
  const it = parsed.data
  return {
    natsUrls: it.NATS_URL,
    modelsDir: it.MODELS_DIR,
    models: it.MODELS,
    maxInFlight: it.MAX_IN_FLIGHT,
    maxAttempts: it.MAX_ATTEMPTS,
    computeTimeoutMs: it.COMPUTE_TIMEOUT_MS,
    drainMs: it.DRAIN_MS,
    name: it.WORKER_NAME,
    metrics:
      it.METRICS_PORT === undefined ? null : { host: it.METRICS_HOST, port: it.METRICS_PORT },
    tracing: tracingOf(it, { service: 'presage-worker', instance: it.WORKER_NAME }),
    logLevel: it.LOG_LEVEL,
  }
}

function describeFault(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0])
  const remedy = Object.entries(REMEDIES).find(([key]) => key === name)?.[1]
  return `${name}: ${issue.message}; ${remedy}`
}

function isNatsUrl(url: string): boolean {
  return URL.canParse(url) && ['nats:', 'tls:'].includes(new URL(url).protocol)
}
