import { brief } from './brief.js'
import type { ModelCard } from './card-schema.js'
import type { InputIssue } from './parse-input.js'

/** A request of 1 MiB has room for 80,000 names, and a bulk stores what is told of each. */
const MAX_TOLD = 20

/** Tells of the first 20 names that no feature has, and how many more there are. */
export function unknownNames(
  { features, title }: ModelCard,
  raw: Record<string, unknown>,
): InputIssue[] {
  const known = new Set(features.map((feature) => feature.name))
  const unknown = Object.keys(raw).filter((name) => !known.has(name))
  const issues: InputIssue[] = unknown.slice(0, MAX_TOLD).map((name) => {
    const told = brief(name)
    return { path: [told], message: `${title} has no feature called ${told}.` }
  })
  const more = unknown.length - issues.length
  if (more > 0)
    issues.push({ path: [], message: `${title} has no feature of ${more} more names either.` })
  return issues
}
