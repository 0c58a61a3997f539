import type { Domain } from '@presage/domain/domain'
import { createApiKey } from '@presage/domain/identity/create-api-key'
import type { SpendingCap } from '@presage/domain/identity/spending-caps'
import { API_KEY_SCOPES, type Viewer } from '@presage/domain/viewer'

/** A user as a program with a new API key of every scope is. */
export async function keyViewer(
  { identity }: Pick<Domain, 'identity'>,
  owner: Viewer,
  spendingCaps: readonly SpendingCap[] = [],
): Promise<Viewer> {
  const rights = { scopes: API_KEY_SCOPES, requestsPerMinute: 60_000 }
  const wanted = { name: 'a test', expiresAt: null, ...rights, spendingCaps }
  const { key } = await createApiKey(identity, owner.userId, wanted)
  const { userId, email } = owner
  return { userId, email, sessionId: key.id, isAdmin: false, apiKey: rights }
}
