import { fileURLToPath } from 'node:url'

/** The repository's absolute path. */
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url)).replace(
  /[\\/]$/,
  '',
)

/** What is fetched once for each clone; git ignores it. */
export const cacheFolder = `${repositoryRoot}/.cache`
