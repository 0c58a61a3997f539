/**
 * What the migrations lack of the schema.
 * @typedef {object} Lack
 * @property {boolean} isEmpty
 * @property {string} script
 */

/** `diff` honours the preview features of the schema; nothing else that reads migrations does. */
const DIFFERENT = 2

/** @returns {Promise<Lack>} */
export async function lackOf(engine, { migrationsList, schema, filters }) {
  // Before the first migration there is no lockfile, without which no history can be read.
  const { lockfile } = migrationsList
  const content = lockfile.content ?? 'provider = "postgresql"\n'
  const { exitCode, stdout } = await engine.diff({
    from: { tag: 'migrations', ...migrationsList, lockfile: { ...lockfile, content } },
    to: { tag: 'schemaDatamodel', ...schema },
    ...{ script: true, exitCode: true, filters },
  })
  return { isEmpty: exitCode !== DIFFERENT, script: stdout ?? '' }
}

const UNIQUE = /^A unique constraint covering .* on the table `(.+)` will be added/

/**
 * What a migration would lose, without the warnings of unique indexes that are there already.
 * @param {{ migrationSteps: number, warnings: { message: string }[] }} answer
 * @param {Lack} lack
 */
export function withoutKept(answer, { isEmpty, script }) {
  const indexes = script.split('\n').filter((line) => line.startsWith('CREATE UNIQUE INDEX'))
  const isKept = ({ message }) => {
    const table = UNIQUE.exec(message)?.[1]
    return table !== undefined && !indexes.some((index) => index.includes(` ON "${table}"`))
  }
  return {
    ...answer,
    migrationSteps: isEmpty ? 0 : answer.migrationSteps,
    warnings: answer.warnings.filter((warning) => !isKept(warning)),
  }
}
