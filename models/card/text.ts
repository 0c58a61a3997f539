import { z } from 'zod'

/** Says what is wrong at a path below the part of a card that is being checked. */
export type Complain = (path: (string | number)[], message: string) => void

export const camelCase = z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'must be camelCase')
export const kebabCase = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case')
export const lowerCase = z
  .string()
  .regex(/^[a-z][a-z0-9]*$/, 'must be lower-case letters and digits')
export const snakeCase = z
  .string()
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be lower-case words joined by _')
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits (sha256sum <file>)')
export const fileName = z
  .string()
  .regex(/^[\w@.-]+(\/[\w@.-]+)*$/, 'must be a file path below the folder of the card')
  .refine((path) => !path.split('/').includes('..'), 'must not leave the folder of the card')
export const text = z.string().trim().min(1)

/** The names that stand in a list more than once. */
export const repeated = (items: readonly { name: string }[]) =>
  items.map((item) => item.name).filter((name, index, all) => all.indexOf(name) < index)
