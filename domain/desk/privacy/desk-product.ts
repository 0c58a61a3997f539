import type { Product } from '../../privacy/product.js'
import { eraseGone } from './erase-gone.js'
import { DESK_SECTIONS } from './export-sections.js'

/** The credit desk, as the platform asks what it keeps about users. */
export const deskProduct: Product = {
  exportSections: DESK_SECTIONS,
  eraseAccount: (domain, userId) => eraseGone({ domain }, userId),
}
