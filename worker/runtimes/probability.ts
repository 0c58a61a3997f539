/** The probability of log-odds. */
export const sigmoid = (logOdds: number) => 1 / (1 + Math.exp(-logOdds))

/** A card's sentence for a probability: `{count}` is how many of 100, `{percent}` has a decimal. */
export const inWords = (meaning: string, probability: number) =>
  meaning
    .replaceAll('{count}', String(Math.round(100 * probability)))
    .replaceAll('{percent}', (100 * probability).toFixed(1))
