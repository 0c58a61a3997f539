#!/usr/bin/env node
// Stands in for Prisma's schema-engine binary, whose download needs a host that is not always
// reachable: the same command line and the same JSON-RPC over stdio, answered by the WASM build
// of the same engine. Plain JavaScript, because it runs before anything is built.
import { runAdminCommand } from './admin-command.mjs'
import { parseArguments } from './arguments.mjs'
import { serveRequests } from './rpc.mjs'
import { schemaEngineMethods } from './schema-engine-methods.mjs'

const options = parseArguments(process.argv.slice(2))

if (options.version) {
  process.stdout.write('schema-engine-wasm\n')
} else if (options.adminCommand) {
  process.exitCode = await runAdminCommand(options.adminCommand, options.databaseUrl)
} else {
  await serveRequests((print) => schemaEngineMethods(options, print))
  // The engine's timers, such as that of its advisory lock, would keep the process for seconds.
  process.stdout.write('', () => process.exit())
}
