import type { Wallet } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import { live } from '../events/live.js'
import type { Viewer } from '../viewer.js'

/** The caller's wallet now, then after each change of it. */
export function watchWallet(domain: Domain, viewer: Viewer): AsyncIterableIterator<Wallet> {
  let seen = -1n
  return live(domain.signals, viewer.userId, async () => {
    const wallet = await domain.reads.wallets.submit(viewer.userId)
    if (!wallet) throw new NotFoundError('No such wallet.')
    const items = wallet.seq > seen ? [wallet] : []
    seen = wallet.seq
    return { items, next: 'signal' }
  })
}
