import type { Domain } from '../domain.js'
import type { ExportSection } from './export-sections.js'

/** A product on the platform, as far as it keeps something about users by itself. */
export interface Product {
  /** What an export of an account has besides the platform's own. */
  readonly exportSections: readonly ExportSection[]
  /** Erases what it knows of the user of a deleted account; it is repeated a minute later. */
  eraseAccount(domain: Domain, userId: string): Promise<void>
}
