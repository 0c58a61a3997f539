import { relative } from 'node:path'
import { LOG_INS } from '../desk/seed-desk.js'
import { say } from './say.js'
import type { Settings } from './settings.js'
import type { Stack } from './stack.js'

/** Tells where everything is and how it ends. */
export function announce({ dataDir }: Settings, { url, admin, demo, showsDesk }: Stack) {
  const folder = relative(process.cwd(), dataDir)
  const shown = folder.startsWith('..') ? dataDir : folder
  say(`
Presage runs at ${url}/graphql

  demo    ${demo.email}   ${demo.password}
  admin   ${admin.email}   ${admin.password}
${showsDesk ? deskLogIns(demo.password) : ''}
Data and logs are in ${shown}. Stop with Ctrl-C.`)
}

const deskLogIns = (password: string) => `
The credit desk, all with ${password}

${Object.entries(LOG_INS)
  .map(([role, email]) => `  ${role.padEnd(7)} ${email}`)
  .join('\n')}
`
