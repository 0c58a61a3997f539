import type { Catalogue } from '@presage/models/card/load-catalogue'
import type { Consent } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { lockWallet } from '../wallet/book-transfer.js'
import { consentAskedBy } from './consent-required-error.js'

/**
 * Agrees to the text of a health model, as it stands in its card, and writes down when. Given twice,
 * it stands as it was given first.
 *
 * @throws NotFoundError when no such model on sale asks for consent.
 * @throws ConsentRequiredError with the text in force when `version` is that of another.
 */
export async function giveConsent(
  { catalogue, db }: Pick<Domain, 'db'> & { catalogue: Pick<Catalogue, 'model'> },
  { userId }: Pick<Viewer, 'userId'>,
  { model, version }: { model: string; version: number },
): Promise<Consent> {
  const card = catalogue.model(model)?.card
  const asked = card && consentAskedBy(card)
  if (!asked) throw new NotFoundError('No such model on sale asks for consent.')
  if (version !== asked.version) throw asked
  return db.prisma.$transaction(async (tx) => {
    const { at } = await lockWallet(tx, userId)
    const key = { userId_model: { userId, model } }
    const given = await tx.consent.findUnique({ where: key })
    if (given && given.version >= version) return given
    const { text } = asked
    const entry = { id: uuidv7(), userId, model, version, text, createdAt: at }
    await tx.consentEntry.create({ data: { ...entry, action: 'GIVEN' } })
    const consent = { version, givenAt: at }
    return tx.consent.upsert({
      where: key,
      create: { userId, model, ...consent },
      update: consent,
    })
  })
}
