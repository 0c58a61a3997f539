import type { ModelCard } from '@presage/models/card/card-schema'
import { PROFILE_FIELDS, type Profile } from './profile.js'

/** What may not count against anybody: off unless the desk's policy switches it on. */
export const PROTECTED = ['sex', 'age', 'maritalStatus'] as const satisfies (keyof Profile)[]

/** How a field of the profile stands to the score. */
export interface ProfileField {
  name: keyof Profile
  /** Whether the model takes it. */
  used: boolean
  protected: boolean
  /** Whether it is shown to managers and may be edited by them. */
  on: boolean
}

const isProtected = (name: keyof Profile): boolean => PROTECTED.some((each) => each === name)

/** Tells of each field whether the model of the card uses it, and whether it is protected and on. */
export function profileFields(
  card: Pick<ModelCard, 'features'>,
  policy: { protectedFields: boolean },
): ProfileField[] {
  const features = new Set(card.features.map((feature) => feature.name))
  return PROFILE_FIELDS.map((name) => ({
    name,
    used: features.has(name),
    protected: isProtected(name),
    on: !isProtected(name) || policy.protectedFields,
  }))
}
