const HEARTBEAT_MS = 5_000

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/**
 * Runs one step of the preparation under its title; a step that takes long says every 5 s where
 * it stands.
 * @template T
 * @param {string} title
 * @param {(progress: (line: string) => void) => Promise<T>} run gets a sink for what happens now
 * @returns {Promise<T>}
 */
export async function step(title, run) {
  const start = performance.now()
  let latest = ''
  const heartbeat = setInterval(() => {
    console.log(`  ${title}: ${seconds(start)} ${latest}`.trimEnd())
  }, HEARTBEAT_MS)
  try {
    const result = await run((line) => {
      latest = `(${line.trim().slice(0, 80)})`
    })
    console.log(`✓ ${title} (${seconds(start)})`)
    return result
  } catch (error) {
    console.error(`✗ ${title}`)
    throw error
  } finally {
    clearInterval(heartbeat)
  }
}
