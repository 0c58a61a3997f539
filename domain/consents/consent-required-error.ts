import type { ModelCard } from '@presage/models/card/card-schema'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { DomainError } from '../errors.js'

/** The model handles health data, and the user has not agreed to its text of this version. */
export class ConsentRequiredError extends DomainError {
  readonly code = 'CONSENT_REQUIRED'

  /** @param model its name, `version` of the text in force, `text` what is to be agreed to. */
  constructor(
    readonly model: string,
    readonly version: number,
    readonly text: string,
  ) {
    super(
      `${model} handles health data: give your consent to its text of version ${version} first.`,
    )
  }
}

/** The error that names the consent which a card asks for; null when it asks for none. */
export const consentAskedBy = ({
  name,
  healthData,
}: Pick<ModelCard, 'name' | 'healthData'>): ConsentRequiredError | null =>
  healthData
    ? new ConsentRequiredError(name, healthData.consentVersion, healthData.consentText)
    : null

/** The same for a model that refused by `version`, which may have left the catalogue since. */
export function consentRequired(
  catalogue: Catalogue,
  name: string,
  version: number,
): ConsentRequiredError {
  const card = catalogue.model(name)?.card
  return (
    (card && consentAskedBy(card)) ??
    new ConsentRequiredError(name, version, 'This model is not on sale any more.')
  )
}
