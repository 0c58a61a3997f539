// `npm start`: from a fresh clone to a running Presage. Needs nothing but Node and npm.
import { prepare } from './bootstrap/prepare.mjs'

try {
  await prepare()
  const { run } = await import('./dist/local/run.js')
  await run(process.argv.slice(2))
} catch (error) {
  console.error(`\n${process.env.DEBUG ? error.stack : error.message}`)
  process.exit(1)
}
