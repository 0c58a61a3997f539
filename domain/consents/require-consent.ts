import type { ModelCard } from '@presage/models/card/card-schema'
import type { Tx } from '@presage/prisma/client'
import { consentAskedBy } from './consent-required-error.js'

/**
 * Refuses who has not agreed to the text in force, or to a newer one, which a server of the next
 * release may have shown. Nothing is read for a model that asks for no consent.
 *
 * @throws ConsentRequiredError
 */
export async function requireConsent(
  { consent }: Pick<Tx, 'consent'>,
  userId: string,
  card: ModelCard,
): Promise<void> {
  const asked = consentAskedBy(card)
  if (!asked) return
  const given = await consent.findUnique({
    where: { userId_model: { userId, model: card.name } },
  })
  if (!given || given.version < asked.version) throw asked
}
