import { createPresage, type Presage, type PresageOptions } from '@presage/client'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** The SDK at a server, as a user with a session; it closes with the test. */
export async function openPresage(
  server: { url: string } | undefined,
  { accessToken }: { accessToken: string },
  options: Partial<PresageOptions> = {},
): Promise<Presage> {
  if (!server) throw new Error('there is no such server')
  const url = `${server.url}/graphql`
  const presage = createPresage({ url, webSocketImpl: WebSocket, ...options })
  onTestFinished(() => presage.close())
  const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
  await presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
  return presage
}
