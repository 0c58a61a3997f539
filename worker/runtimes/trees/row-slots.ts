import type { TreeEnsemble } from './tree-ensemble.js'

/**
 * One row as the nodes read it: two slots for each column and one for the leaves, which holds 0.
 * A missing value is −Infinity in its column's first slot and Infinity in the second, so that the
 * same comparison sends it left from a node that reads the first and right from the other.
 */
export interface RowSlots {
  readonly values: Float32Array
  /** The word of a set that holds the slot's category, and the bit in it. */
  readonly word: Int32Array
  readonly bit: Int32Array
}

/** Slots for the rows of an ensemble, to be filled again for each of them. */
export function openSlots({ columns }: TreeEnsemble): RowSlots {
  const slots = 2 * columns.length + 1
  return {
    values: new Float32Array(slots),
    word: new Int32Array(slots),
    bit: new Int32Array(slots),
  }
}

/** Puts a category into its slots: one that no set knows is looked for in the empty word. */
function fillCategory({ values, word, bit }: RowSlots, at: number, value: number, words: number) {
  const known = value >= 0 && value < 32 * words
  const category = known ? Math.trunc(value) : 32 * words
  word[at] = category >> 5
  word[at + 1] = category >> 5
  bit[at] = category & 31
  bit[at + 1] = category & 31
  if (Number.isNaN(value)) return
  values[at] = 0
  values[at + 1] = 0
}

/** Fills the slots with the row that starts at `from`. */
export function fillSlots(
  { columns, categories }: TreeEnsemble,
  rows: Float32Array,
  from: number,
  slots: RowSlots,
) {
  const { values } = slots
  for (let column = 0; column < columns.length; column++) {
    const value = Number(rows[from + column])
    const missing = Number.isNaN(value)
    values[2 * column] = missing ? Number.NEGATIVE_INFINITY : value
    values[2 * column + 1] = missing ? Number.POSITIVE_INFINITY : value
    const words = categories ? Number(categories.words[column]) : 0
    if (words > 0) fillCategory(slots, 2 * column, value, words)
  }
}
