import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { walletFields } from '../wallet/wallet.js'

const accountQuery = graphql(`query DeskAccount { desk { account { id } } }`)

const grantMutation = graphql(
  `
    mutation GrantDesk($input: MoveCreditsInput!) {
      result: grantTopUp(input: $input) {
        ...Refusal
        ... on MoveCreditsPayload { wallet { ...WalletFields } }
      }
    }
  `,
  [refusalFields, walletFields],
)

/** What is granted to the desk's own wallet, and why. */
interface Grant {
  amount: number
  reason: string
  idempotencyKey: string
}

/** Grants credits to the desk's own wallet; the wallet afterwards. */
export async function topUpDesk(caller: Caller, grant: Grant, options: ReadOptions = {}) {
  const { desk } = await caller.call(accountQuery, {}, { ...options, repeat: true })
  const input = { ...grant, user: desk?.account.id ?? '' }
  const { result } = await caller.call(grantMutation, { input }, { ...options, repeat: true })
  return payloadOf(result).wallet
}
