import type { ModelCard } from '@presage/models/card/card-schema'

/** A stored input as the API takes it: a choice is the name of its enum value. */
export const sentInput = (
  card: ModelCard | undefined,
  stored: Record<string, unknown>,
): Record<string, unknown> => {
  const choices = new Set(
    card?.features.filter(({ type }) => type === 'choice').map(({ name }) => name),
  )
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [
      name,
      choices.has(name) ? String(value).toUpperCase() : value,
    ]),
  )
}
