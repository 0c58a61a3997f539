import { z } from 'zod'
import { InvalidInputError } from '../errors.js'
import { API_KEY_SCOPES, type ApiKeyScope } from '../viewer.js'
import { newApiKey } from './api-key-text.js'
import type { Identity } from './identity.js'
import { capColumns, type SpendingCap, type SpendingKey, spendingCaps } from './spending-caps.js'

/** What a key is made with. */
export interface NewApiKey {
  /** For its owner to recognise it by. */
  name: string
  scopes: readonly ApiKeyScope[]
  /** null = it lasts until it is revoked. */
  expiresAt: Date | null
  /** 1 to 60,000. */
  requestsPerMinute: number
  /** At most one for each period; none by default. */
  spendingCaps?: readonly SpendingCap[] | undefined
}

const MAX_KEYS = 100
const MAX_RATE = 60_000
/** Enough of the text's end to tell keys apart by, and 24 of its 320 bits. */
const HINT_LENGTH = 4

const newKey = z.object({
  name: z.string().trim().min(1, 'Send 1 to 100 characters.').max(100, 'Send 1 to 100 characters.'),
  scopes: z
    .array(z.enum(API_KEY_SCOPES))
    .min(1, 'Send one scope at least.')
    .transform((scopes) => [...new Set(scopes)]),
  expiresAt: z.date().nullable(),
  requestsPerMinute: z.int().min(1, 'Send 1 to 60,000.').max(MAX_RATE, 'Send 1 to 60,000.'),
  spendingCaps: spendingCaps.default([]),
})

/**
 * Makes an API key. Its text is in this answer and nowhere else: only a hash is kept.
 *
 * @throws InvalidInputError naming every fault, or that there are 100 keys already.
 */
export async function createApiKey(
  { db, now }: Identity,
  userId: string,
  raw: NewApiKey,
): Promise<{ key: SpendingKey; text: string }> {
  const { name, scopes, expiresAt, requestsPerMinute, spendingCaps } = checked(raw, now())
  if ((await db.prisma.apiKey.count({ where: { userId, revokedAt: null } })) >= MAX_KEYS)
    throw new InvalidInputError([{ path: [], message: 'Revoke another key first.', max: MAX_KEYS }])
  const { keyId, secretHash, text } = newApiKey()
  const key = await db.prisma.apiKey.create({
    data: {
      id: keyId,
      userId,
      name,
      scopes,
      secretHash,
      hint: text.slice(-HINT_LENGTH),
      requestsPerMinute,
      createdAt: now(),
      expiresAt,
      spending: { create: capColumns(spendingCaps) },
    },
    include: { spending: true },
  })
  return { key, text }
}

function checked(raw: NewApiKey, now: Date): z.infer<typeof newKey> {
  const inTime = newKey.refine(({ expiresAt }) => expiresAt === null || expiresAt > now, {
    path: ['expiresAt'],
    message: 'Send a time to come.',
  })
  const parsed = inTime.safeParse(raw)
  if (parsed.success) return parsed.data
  throw new InvalidInputError(
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message })),
  )
}
