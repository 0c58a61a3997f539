import { generateCode } from './generate.mjs'
import { ensureHome } from './home.mjs'
import { installPackages } from './install.mjs'
import { ensureNatsServer } from './nats-server.mjs'
import { step } from './step.mjs'

const OLDEST_NODE = [20, 19]

/** @throws on a Node that cannot run this */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new Error(
    `Presage needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`,
  )
}

/** Brings a fresh clone to where its code runs; quick when all is done already. */
export async function prepare() {
  checkNode()
  ensureHome()
  await step('Packages', installPackages)
  if (!process.env.NATS_URL) await step('nats-server', ensureNatsServer)
  await step('Generated code', generateCode)
  await step('Build', async () => {
    // Its own dependency, esbuild, is there only now.
    const { buildAll } = await import('../build.mjs')
    return buildAll()
  })
}
