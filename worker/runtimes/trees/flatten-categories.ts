import { ArtifactError } from '../artifact.js'
import type { CategorySets, TreeEnsemble } from './tree-ensemble.js'

/** A node of the ensemble and the categories that go right at it. */
interface NodeCategories {
  readonly node: number
  readonly categories: readonly number[]
}

/** XGBoost's own bound: float32 counts no further. */
const MAX_CATEGORY = 2 ** 24
/** 64 MiB. Real models stay under 1 MiB; one huge category would take that for every set. */
const MAX_WORDS = 2 ** 24

function wordsOfColumns(
  sets: readonly NodeCategories[],
  columnOf: (node: number) => number,
  width: number,
  file: string,
) {
  const words = new Int32Array(width)
  for (const { node, categories } of sets) {
    const column = columnOf(node)
    for (const category of categories) {
      if (!(category >= 0 && category < MAX_CATEGORY))
        throw new ArtifactError(file, `${category} is no category`)
      words[column] = Math.max(words[column] ?? 0, (category >> 5) + 1)
    }
    words[column] = Math.max(words[column] ?? 0, 1)
  }
  return words
}

function checkColumns(
  { left, slot }: Pick<TreeEnsemble, 'left' | 'slot'>,
  starts: Int32Array,
  words: Int32Array,
  file: string,
) {
  for (const [node, own] of slot.entries())
    if (left[node] !== node && starts[node] === 0 && words[own >> 1])
      throw new ArtifactError(file, `column ${own >> 1} is split both by number and by category`)
}

/**
 * Lays out the sets of all categorical splits.
 * @throws ArtifactError when they are too large, or a column has both kinds of splits.
 */
export function flattenCategories(
  sets: readonly NodeCategories[],
  arrays: Pick<TreeEnsemble, 'left' | 'slot'>,
  width: number,
  file: string,
): CategorySets | undefined {
  if (sets.length === 0) return undefined
  const columnOf = (node: number) => (arrays.slot[node] ?? 0) >> 1
  const words = wordsOfColumns(sets, columnOf, width, file)
  const sizeOf = (node: number) => (words[columnOf(node)] ?? 0) + 1
  const total = sets.reduce((sum, { node }) => sum + sizeOf(node), 1)
  if (total > MAX_WORDS) throw new ArtifactError(file, 'its sets of categories are too large')
  const starts = new Int32Array(arrays.slot.length)
  const bits = new Int32Array(total)
  let start = 1
  for (const { node, categories } of sets) {
    starts[node] = start
    for (const category of categories) {
      const word = start + (category >> 5)
      bits[word] = (bits[word] ?? 0) | (1 << (category & 31))
    }
    start += sizeOf(node)
  }
  checkColumns(arrays, starts, words, file)
  return { starts, bits, words }
}
