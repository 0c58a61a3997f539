import { z } from 'zod'
import { InvalidInputError } from '../errors.js'

/** What an account is opened with. */
export interface Credentials {
  email: string
  password: string
}

/** Where a call comes from; `address` is the IP address that the server believes. */
export interface Origin {
  device: string
  address: string
}

const credentials = z.object({
  email: z
    .string()
    .trim()
    .max(254, 'An e-mail has at most 254 characters.')
    .pipe(z.email('This is not an e-mail address.')),
  password: z
    .string()
    .min(10, 'A password has at least 10 characters.')
    .max(200, 'A password has at most 200 characters.'),
})

/**
 * Checks a new password.
 *
 * @param name of the argument that it came in
 * @throws InvalidInputError
 */
export function checkNewPassword(password: string, name: string): void {
  const parsed = credentials.shape.password.safeParse(password)
  if (parsed.success) return
  throw new InvalidInputError(parsed.error.issues.map(({ message }) => ({ path: [name], message })))
}

/** The e-mail by which an account is found, whatever the case it is written in. */
export const emailKey = (email: string): string => email.trim().toLowerCase()

/**
 * Checks what a new account is opened with.
 *
 * @throws InvalidInputError naming every fault together.
 */
export function parseCredentials(raw: Credentials): Credentials {
  const parsed = credentials.safeParse(raw)
  if (parsed.success) return parsed.data
  throw new InvalidInputError(
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message })),
  )
}

/** Whether an account with such credentials can exist at all. */
export const plausible = (raw: Credentials): boolean => credentials.safeParse(raw).success
