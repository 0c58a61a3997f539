import { createPresage } from '@presage/client'
import { z } from 'zod'

const setup = z.object({
  url: z.string(),
  tokens: z.object({
    accessToken: z.string(),
    accessTokenExpiresAt: z.string(),
    refreshToken: z.string(),
  }),
})

/** A program that reads its user's events and prints each as a line; see asleep.test.ts. */
const { url, tokens } = setup.parse(JSON.parse(process.argv[2] ?? ''))
const presage = createPresage({ url })
await presage.setTokens(tokens)
for await (const event of presage.subscribe.events())
  process.stdout.write(
    `${event.__typename === 'WalletChanged' ? event.transaction.availableAfter : event.__typename}\n`,
  )
