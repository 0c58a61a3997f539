const HEARTBEAT_MS = 5_000

/** One line for the person at the terminal. */
export const say = (line: string) => console.log(line)

/** Runs a part of the start under its name, and says every 5 s that it is still at it. */
export async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`
  const heartbeat = setInterval(() => say(`  ${name}: still starting, ${seconds()}`), HEARTBEAT_MS)
  try {
    const result = await run()
    say(`✓ ${name} (${seconds()})`)
    return result
  } finally {
    clearInterval(heartbeat)
  }
}
