/** How many random runs: a bounded sample in `npm test`, and what `FUZZ_RUNS` says in `pnpm fuzz`. */
export const fuzzRuns = (sample: number): number => Number(process.env.FUZZ_RUNS ?? sample)
