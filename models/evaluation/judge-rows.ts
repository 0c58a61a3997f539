import type { Judged } from '../metrics/judged.js'
import type { AnswerRows, Values } from './evaluation.js'

/** A row whose class is known. */
export interface KnownRow {
  values: Values
  truth: boolean
  fold: number
}

/** How rows are answered: by the model as it is sold, or each by the one made without its fold. */
export type Unseen = 'shipped' | 'out-of-fold'

/** A variant's probabilities beside what came true, in the order of the rows. */
export async function judgeRows(
  rows: readonly KnownRow[],
  answer: AnswerRows,
  variant: string,
  unseen: Unseen,
): Promise<Judged[]> {
  const judged: Judged[] = []
  const folds = unseen === 'shipped' ? [undefined] : [...new Set(rows.map(({ fold }) => fold))]
  for (const fold of folds) {
    const own = [...rows.entries()].filter(([, row]) => fold === undefined || row.fold === fold)
    const answers = await answer(
      variant,
      own.map(([, { values }]) => values),
      fold,
    )
    own.forEach(([place, { truth }], index) => {
      judged[place] = { probability: answers[index]?.value ?? Number.NaN, truth }
    })
  }
  return judged
}
