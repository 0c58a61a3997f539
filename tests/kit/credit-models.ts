import { createHash } from 'node:crypto'
import { copyFile, cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { modelsFolder } from './line-model.js'

const SHIPPED = join(MODELS_DIR, 'credit-default')
const FOLD = join(SHIPPED, 'folds/boosted-0.json')

const hashOf = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')

/**
 * A folder with two versions of credit-default that answer otherwise: 1.0.0 as it is shipped, and 1.1.0
 * from the trees of its first fold. It ends with the test.
 */
export async function creditModels(): Promise<string> {
  const dir = await modelsFolder()
  const install = async (version: string) => {
    const folder = join(dir, `credit-default@${version}`)
    const filter = (path: string) => !path.endsWith('folds')
    await cp(SHIPPED, folder, { recursive: true, filter })
    return { artifact: join(folder, 'boosted.json'), card: join(folder, 'model.yaml') }
  }
  await install('1.0.0')
  const { artifact, card } = await install('1.1.0')
  const text = (await readFile(card, 'utf8'))
    .replace('version: 1.0.0', 'version: 1.1.0')
    .replace(await hashOf(artifact), await hashOf(FOLD))
  await copyFile(FOLD, artifact)
  await writeFile(card, text)
  return dir
}
