/** A client with three months of history that the credit-default model accepts, as the API takes it. */
export const ACCOUNT = {
  creditLimit: { value: 120_000, unit: 'TWD' },
  billed1: { value: 50_000 },
  paid1: { value: 2_000 },
  monthsLate1: 1,
  billed2: { value: 49_000 },
  paid2: { value: 2_500 },
  monthsLate2: 0,
  billed3: { value: 1_500, unit: 'USD' },
  paid3: { value: 60, unit: 'USD' },
  monthsLate3: 0,
}

/** What somebody answers the depression-risk model, as the API takes it. */
export const ANSWERS = {
  age: 34,
  sex: 'FEMALE',
  householdSize: 1,
  work: 'LOOKING',
  incomeRatio: 1.2,
  sleepWeekday: 5.5,
  sleepWeekend: 9,
  vigorousMinutes: 0,
  sedentaryMinutes: 600,
  bmi: 31,
}
