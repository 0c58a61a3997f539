import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FolderInUseError, takeLock } from '../process/folder-lock.js'
import { announce } from './announce.js'
import { demonstrate } from './demonstrate.js'
import { compiled, type Launch, stopOrphans } from './program.js'
import { keptSecrets } from './secrets.js'
import { readSettings, type Settings } from './settings.js'
import { Stack } from './stack.js'
import { askedToStop } from './stop-request.js'

/**
 * A whole Presage on this machine: starts it, shows one prediction, and serves until it is asked
 * to stop; then stops everything in order and ends the process.
 * @throws {SettingsError} {@link FolderInUseError}, or what kept a part from starting
 */
export async function run(args: readonly string[], launch: Launch = compiled): Promise<void> {
  // Whoever read our output may be gone; that is no reason to leave things running.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const settings = readSettings(process.env, args)
  mkdirSync(settings.dataDir, { recursive: true })
  const release = await lockFolder(settings.dataDir)
  const stack = new Stack(settings, keptSecrets(settings.dataDir), launch)
  const asked = askedToStop()
  try {
    await stopOrphans(settings.dataDir)
    await Promise.race([serve(settings, stack, asked), asked])
  } finally {
    await stack.stop()
    release()
  }
  process.exit(0)
}

async function serve(settings: Settings, stack: Stack, asked: Promise<void>) {
  await stack.start()
  await demonstrate(stack.url, stack.demo)
  if (settings.once) return
  announce(settings, stack)
  await asked
}

const WAIT_FOR_OTHERS_MS = 5_000

/** A run that lost its npm needs a moment to notice and to stop. */
async function lockFolder(dataDir: string) {
  const deadline = Date.now() + WAIT_FOR_OTHERS_MS
  for (;;) {
    try {
      return takeLock(join(dataDir, 'run.lock'), `The data in ${dataDir}`)
    } catch (error) {
      if (!(error instanceof FolderInUseError) || Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}
