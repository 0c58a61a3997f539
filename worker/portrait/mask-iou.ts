import sharp from 'sharp'

/** From here on a pixel belongs to the mask. */
const HALF = 128

async function levels(file: Uint8Array | string, channel: 'alpha' | 0) {
  const image = sharp(file)
  const grey = channel === 'alpha' ? image : image.toColourspace('b-w')
  const { data, info } = await grey
    .extractChannel(channel)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/**
 * Intersection over union, 0 to 1, of what a cut-out keeps and what a mask has white; 1 when both
 * are empty.
 * @param cutOut a PNG with alpha; undefined when nobody was found.
 * @param mask a picture of the same size, or its path.
 * @throws Error when the sizes differ.
 */
export async function maskIou(
  cutOut: Uint8Array | undefined,
  mask: Uint8Array | string,
): Promise<number> {
  const drawn = await levels(mask, 0)
  return iouOf(cutOut && (await levels(cutOut, 'alpha')), drawn)
}

/**
 * The same of two cut-outs: what both keep, over what either keeps.
 * @throws Error when the sizes differ.
 */
export async function cutOutIou(one: Uint8Array, other: Uint8Array): Promise<number> {
  return iouOf(await levels(one, 'alpha'), await levels(other, 'alpha'))
}

type Levels = Awaited<ReturnType<typeof levels>>

function iouOf(found: Levels | undefined, drawn: Levels): number {
  if (found && (found.width !== drawn.width || found.height !== drawn.height))
    throw new Error(
      `the mask is ${drawn.width} × ${drawn.height}, its photo ${found.width} × ${found.height}`,
    )
  let [both, either] = [0, 0]
  for (let pixel = 0; pixel < drawn.data.length; pixel++) {
    const isFound = Number(found?.data[pixel] ?? 0) >= HALF
    const isDrawn = Number(drawn.data[pixel]) >= HALF
    if (isFound && isDrawn) both++
    if (isFound || isDrawn) either++
  }
  return either === 0 ? 1 : both / either
}
