import { createPresage } from '@presage/client'
import { z } from 'zod'

const setup = z.object({
  url: z.string(),
  subscriptions: z.enum(['ws', 'sse']),
  tokens: z.object({
    accessToken: z.string(),
    accessTokenExpiresAt: z.string(),
    refreshToken: z.string(),
  }),
})

/** A program that reads its user's events and prints each as a line; see vanished.test.ts. */
const { tokens, ...options } = setup.parse(JSON.parse(process.argv[2] ?? ''))
const presage = createPresage(options)
await presage.setTokens(tokens)
for await (const event of presage.subscribe.events())
  process.stdout.write(
    `${event.__typename === 'WalletChanged' ? event.transaction.availableAfter : event.__typename}\n`,
  )
