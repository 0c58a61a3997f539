/** The probability of log-odds. */
export const sigmoid = (logOdds: number) => 1 / (1 + Math.exp(-logOdds))
