/** What the trees see: all that a person answers, and how far sleep is from most people's. */
const columns = [
  ...['age', 'sex', 'householdSize', 'incomeRatio', 'work', 'sleepWeekday', 'sleepWeekend'],
  ...['vigorousMinutes', 'sedentaryMinutes', 'bmi', 'sleepShort', 'sleepLong', 'sleepShift'],
]

/** How the trees of each variant are grown; the forest grows all of its trees at once. */
export const TREES = {
  boosted: {
    columns,
    rounds: 120,
    parameters: {
      ...{ tree_method: 'hist', eta: 0.05, max_depth: 3, min_child_weight: 5 },
      ...{ subsample: 0.7, colsample_bytree: 0.5, lambda: 5 },
    },
  },
  forest: {
    columns,
    rounds: 1,
    parameters: {
      ...{ tree_method: 'hist', eta: 1, num_parallel_tree: 100, base_score: 0.1324 },
      ...{ max_depth: 8, min_child_weight: 1.5, subsample: 0.35, colsample_bynode: 0.25 },
    },
  },
} as const

/** The variants that answer together, in the order of the card. */
export const COMPARED = [
  { variant: 'linear', runtime: 'tfjs', measure: 'linear' },
  { variant: 'forest', runtime: 'trees', measure: 'forest' },
  { variant: 'boosted', runtime: 'trees', measure: 'boosted' },
] as const
