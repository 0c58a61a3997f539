/** Which categories go right, of every categorical split of an ensemble. */
export interface CategorySets {
  /** For each node the first word of its set; 0 for a node that splits by number. */
  readonly starts: Int32Array
  /** The sets, 32 categories a word; each ends in an empty word. Word 0 is empty. */
  readonly bits: Int32Array
  /** For each column the words of its sets without the empty one; 0 for a column of numbers. */
  readonly words: Int32Array
}

/**
 * Binary trees as flat arrays: an entry for each node, tree after tree, breadth first, a left
 * child directly before its right one, so that a step is `left[node] + goesRight`. A leaf is its
 * own left child and never goes right: a walk may take more steps than the tree is deep.
 */
export interface TreeEnsemble {
  /** The columns of a row, in order. */
  readonly columns: readonly string[]
  /** What the sum of the leaves is: the log-odds of the positive class, or the value itself. */
  readonly output: 'log-odds' | 'value'
  /** What the trees' leaves are added to. */
  readonly base: number
  /** Whether the sum is rounded to float32 after each tree, as XGBoost's is. */
  readonly single: boolean
  /** The first node of each tree, and at last the number of nodes. */
  readonly starts: Int32Array
  /**
   * For every four trees their roots and the depth of the deepest; the last tree stands in for
   * those that are missing to four.
   */
  readonly fours: Int32Array
  readonly left: Int32Array
  /** Which of a row's slots a node reads: 2 × column, + 1 where a missing value goes right. */
  readonly slot: Int32Array
  /** Values below it go left; Infinity for leaves and categorical splits. */
  readonly threshold: Float32Array
  /** What a leaf adds; 0 for a split. */
  readonly value: Float64Array
  /** How much of the training data reached a node (XGBoost: the sum of hessians). */
  readonly cover: Float64Array
  /**
   * By column what its categories are called, in the order they are coded in; undefined where the
   * file does not say.
   */
  readonly choices?: ReadonlyMap<string, readonly string[]> | undefined
  /** Undefined when every split is by number. */
  readonly categories: CategorySets | undefined
}

/** Whether a node has no children. */
export const isLeaf = ({ left }: TreeEnsemble, node: number) => left[node] === node
