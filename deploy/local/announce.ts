import { relative } from 'node:path'
import { say } from './say.js'
import type { Settings } from './settings.js'
import type { Stack } from './stack.js'

/** Tells where everything is and how it ends. */
export function announce({ dataDir }: Settings, { url, admin, demo }: Stack) {
  const folder = relative(process.cwd(), dataDir)
  const shown = folder.startsWith('..') ? dataDir : folder
  say(`
Presage runs at ${url}/graphql

  demo    ${demo.email}   ${demo.password}
  admin   ${admin.email}   ${admin.password}

Data and logs are in ${shown}. Stop with Ctrl-C.`)
}
