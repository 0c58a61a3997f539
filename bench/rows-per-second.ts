const SLICE_MS = 50
/** Slices of each: 0.6 s a figure. */
const ROUNDS = 12

/** Measures for a slice of time and gives rows per second. */
export type Slice = () => Promise<number>

/**
 * A slice of calls with `rows` rows each. Each call is told its number, so that it can take rows
 * that the ones before did not: a processor soon knows its way with those it has seen.
 */
export function sliceOf(rows: number, call: (turn: number) => unknown): Slice {
  let turn = 0
  return async () => {
    const begin = performance.now()
    let done = 0
    let elapsed = 0
    while (elapsed < SLICE_MS) {
      const answer = call(turn++)
      if (answer instanceof Promise) await answer
      done += rows
      elapsed = performance.now() - begin
    }
    return (done / elapsed) * 1000
  }
}

/**
 * The best slice of each. They are measured in turns: what else a machine does makes a slice slower,
 * never faster, and what takes long meets all of them.
 */
export async function bestOf<Name>(
  slices: ReadonlyMap<Name, Slice>,
): Promise<ReadonlyMap<Name, number>> {
  const best = new Map<Name, number>()
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, slice] of slices) best.set(name, Math.max(best.get(name) ?? 0, await slice()))
  return best
}
