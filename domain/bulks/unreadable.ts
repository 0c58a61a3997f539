import { isStorable, UNSTORABLE } from '../storable-text.js'

/** The deepest item that a card can ask for has four levels. */
const MAX_DEPTH = 16

/**
 * Why an item can be neither read nor told of, null = it can: PostgreSQL takes no word of what some
 * texts are refused for, and what is nested without end no recursion comes back from.
 */
export function unreadable(item: unknown): string | null {
  const left = [{ value: item, depth: 0 }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, depth } = next
    if (typeof value === 'string' && !isStorable(value)) return UNSTORABLE
    if (typeof value !== 'object' || value === null) continue
    if (depth === MAX_DEPTH) return `An item is nested ${MAX_DEPTH} levels deep at most.`
    for (const [key, part] of Object.entries(value)) {
      if (!isStorable(key)) return UNSTORABLE
      left.push({ value: part, depth: depth + 1 })
    }
  }
  return null
}
