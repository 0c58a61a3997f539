import { fromSource } from './program.js'
import { run } from './run.js'

// `pnpm dev`: as `npm start`, but the programs run from their sources and follow every change.

try {
  await run(process.argv.slice(2), fromSource)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
