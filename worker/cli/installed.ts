import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'

/** A command that cannot be carried out as it was given; says what can. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/**
 * The newest version of an installed model; of the shipped ones, or of the folder `MODELS_DIR`.
 * @throws CommandError when there is none, with the names there are.
 */
export async function installedModel(name: string | undefined): Promise<InstalledModel> {
  const catalogue = await loadCatalogue(process.env.MODELS_DIR || undefined)
  const model = name === undefined ? undefined : catalogue.model(name)
  if (model) return model
  const names = catalogue.models.map(({ card }) => card.name).join(', ')
  throw new CommandError(`Name a model: ${names}${name === undefined ? '' : `; not ${name}`}.`)
}

const isClosedPipe = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'EPIPE'

/**
 * Runs a command; what it cannot do is said on stderr, and the process ends with 1. A reader that
 * has read enough, as `head` has, is no fault: what is still printed is lost, and that is all.
 */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  process.stdout.on('error', (error) => {
    if (!isClosedPipe(error)) throw error
  })
  try {
    await command()
  } catch (error) {
    if (isClosedPipe(error)) return
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
