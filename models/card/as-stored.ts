import type { ModelCard } from './card-schema.js'
import type { Unit } from './feature-schema.js'

/**
 * A caller's features as they are stored: without those that are null, and each with its unit made
 * explicit. Nothing is checked, so that a call is known again by a card that does not take it.
 */
export function asStored(
  card: Pick<ModelCard, 'features'>,
  raw: Record<string, unknown>,
): Record<string, unknown> {
  const units = new Map(card.features.map(({ name, units }) => [name, units?.[0]]))
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([, sent]) => sent != null)
      .map(([name, sent]) => [name, withUnit(units.get(name), sent)]),
  )
}

const withUnit = (first: Unit | undefined, sent: unknown) =>
  first && typeof sent === 'object' && sent !== null && 'value' in sent
    ? { value: sent.value, unit: 'unit' in sent && sent.unit != null ? sent.unit : first.name }
    : sent
