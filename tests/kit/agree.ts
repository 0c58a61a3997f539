import type { Presage } from '@presage/client'
import { giveConsent } from '@presage/domain/consents/give-consent'
import type { Domain } from '@presage/domain/domain'
import { type Catalogue, loadCatalogue } from '@presage/models/card/load-catalogue'
import type { Api } from './api.js'

/** The models on sale, read once for a test file. */
const onSale = loadCatalogue()

/** What models of health data ask for. */
export const consentsOf = ({ models }: Catalogue) =>
  models.flatMap(({ card: { name, healthData } }) =>
    healthData ? [{ model: name, version: healthData.consentVersion }] : [],
  )

/** A user of the kit agrees to all that the models on sale ask for. */
export async function agreeToAll({ db }: Domain, userId: string): Promise<void> {
  const catalogue = await onSale
  for (const asked of consentsOf(catalogue)) await giveConsent({ catalogue, db }, { userId }, asked)
}

/** The user of a client does. */
export async function agreeThrough(presage: Presage): Promise<void> {
  for (const asked of consentsOf(await onSale)) await presage.consents.give(asked)
}

const GIVE = `mutation ($model: String!, $version: Int!) {
  giveConsent(model: $model, version: $version) { ... on GiveConsentPayload { consent { modelName } } }
}`

/** The user of a plain caller does. */
export async function agreeByApi(api: Api): Promise<void> {
  for (const asked of consentsOf(await onSale)) await api.field(GIVE, asked)
}
