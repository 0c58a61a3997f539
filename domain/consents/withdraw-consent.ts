import { v7 as uuidv7 } from 'uuid'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import { cancelOpen } from '../predictions/cancel-open.js'
import { erasePredictions } from '../privacy/erase-predictions.js'
import type { Viewer } from '../viewer.js'
import { lockWallet } from '../wallet/book-transfer.js'

/** What a withdrawal brought about. */
export interface Withdrawal {
  model: string
  /** Predictions that had not ended; what they held was released. */
  canceled: number
  /** Predictions and drafts of which nothing but the charge is left. */
  erased: number
}

/**
 * Takes consent back: from this commit on nothing new of this model is accepted from the user,
 * whichever servers are asked. What has not ended is canceled; what is stored stays until its card's
 * days are over, or is erased at once with `erase`. Repeated, it finishes what was cut short.
 *
 * @throws NotFoundError when no such model ever asked for consent.
 */
export async function withdrawConsent(
  domain: Domain,
  viewer: Viewer,
  { model, erase }: { model: string; erase: boolean },
): Promise<Withdrawal> {
  const { userId } = viewer
  await takeBack(domain, viewer, model, erase)
  const canceled = await cancelOpen(domain, userId, model)
  const erased = erase ? await erasePredictions(domain, userId, model) : 0
  return { model, canceled, erased }
}

/** Holds and drafts look at the consent under the wallet's lock: this is before or after each. */
async function takeBack(
  { catalogue, db }: Domain,
  { userId }: Viewer,
  model: string,
  erase: boolean,
): Promise<void> {
  await db.prisma.$transaction(async (tx) => {
    const { at: createdAt } = await lockWallet(tx, userId)
    const key = { userId_model: { userId, model } }
    const given = await tx.consent.findUnique({ where: key })
    if (given) {
      const { version } = given
      const entry = { id: uuidv7(), userId, model, version, erase, createdAt }
      await tx.consentEntry.create({ data: { ...entry, action: 'WITHDRAWN' } })
      await tx.consent.delete({ where: key })
    } else if (!catalogue.model(model)?.card.healthData) {
      const before = await tx.consentEntry.findFirst({ where: { userId, model } })
      if (!before) throw new NotFoundError('No such model asks for consent.')
    }
  })
}
