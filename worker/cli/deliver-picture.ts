import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Says in the line of a picture where it is. */
export type DeliverPicture = (png: Uint8Array) => Promise<{ file: string } | { base64: string }>

/** Writes pictures into a folder, numbered in their order; without one they are said in base64. */
export async function deliverTo(folder: string | undefined): Promise<DeliverPicture> {
  if (folder === undefined) return async (png) => ({ base64: Buffer.from(png).toString('base64') })
  await mkdir(folder, { recursive: true })
  let drawn = 0
  return async (png) => {
    drawn += 1
    const file = join(folder, `${drawn}.png`)
    await writeFile(file, png)
    return { file }
  }
}
