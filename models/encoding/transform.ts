import { z } from 'zod'

/** The transforms an artifact may apply to a number. */
export const transformSchema = z.enum(['identity', 'log', 'log1p'])
export type Transform = z.infer<typeof transformSchema>

const TRANSFORMS: Record<Transform, (value: number) => number> = {
  identity: (value) => value,
  log: Math.log,
  log1p: Math.log1p,
}

/** Applies a transform; `log` wants a value above 0, `log1p` one above −1. */
export const transform = (kind: Transform, value: number) => TRANSFORMS[kind](value)
