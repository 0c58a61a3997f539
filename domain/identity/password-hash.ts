import { hash, verify } from '@node-rs/argon2'

/** Argon2id's number in the library, whose enum exists only as a type. */
const ARGON2ID = 2

/** OWASP's first choice for argon2id: 19 MiB, two passes; 10 ms on the machine it was measured on. */
const options = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of random bytes that were thrown away: verifying against it costs the same and fails. */
export const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$UVmzD3SDRsr4MXZz8CDelw$KFGSTu3r7/dIActsXsKjgaT54dgkCPw5Cer2ZezGlpA'

/** One spelling for characters that keyboards compose differently. */
const spelled = (password: string): string => password.normalize('NFKC')

/** Hashes with argon2id in a thread of the pool; the salt is part of what is returned. */
export const hashPassword = (password: string): Promise<string> => hash(spelled(password), options)

/** Whether the password is the account's; without an account it takes as long and says no. */
export async function verifyPassword(
  passwordHash: string | undefined,
  password: string,
): Promise<boolean> {
  const matches = await verify(passwordHash ?? NOBODYS_HASH, spelled(password))
  return matches && passwordHash !== undefined
}
