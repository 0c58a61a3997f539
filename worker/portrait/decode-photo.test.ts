import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePhoto } from './decode-photo.js'

/** 40 × 20, the left half red and the right half blue. */
async function halves() {
  const blue = sharp({ create: { width: 40, height: 20, channels: 3, background: '#00f' } })
  const red = { create: { width: 20, height: 20, channels: 3 as const, background: '#f00' } }
  const both = blue.composite([{ input: red, left: 0, top: 0 }]).removeAlpha()
  return sharp(await both.png().toBuffer())
}

const pixel = (data: Uint8Array, at: number) => [...data.subarray(at, at + 3)]

describe('a photo', () => {
  it.each([
    ['JPEG', async () => (await halves()).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ['PNG', async () => (await halves()).png().toBuffer()],
    ['PNG of 16 bit', async () => (await halves()).toColourspace('rgb16').png().toBuffer()],
    ['PNG of a palette', async () => (await halves()).png({ palette: true }).toBuffer()],
    ['WebP', async () => (await halves()).webp({ lossless: true }).toBuffer()],
    ['CMYK JPEG', async () => (await halves()).toColourspace('cmyk').jpeg().toBuffer()],
  ])('is decoded from %s', async (_, file) => {
    const { width, height, channels, data } = await decodePhoto(await file())
    expect({ width, height, channels }).toEqual({ width: 40, height: 20, channels: 3 })
    const [left, right] = [pixel(data, 0), pixel(data, 3 * 39)]
    expect([
      Number(left[0]) - Number(left[2]) > 100,
      Number(right[2]) - Number(right[0]) > 80,
    ]).toEqual([true, true])
  })

  it('of grey alone has three channels', async () => {
    const grey = (await halves()).greyscale().png()
    expect(await decodePhoto(await grey.toBuffer())).toMatchObject({ channels: 3, width: 40 })
  })

  it.each([
    [1, 40, 'red', 'blue'],
    [3, 40, 'blue', 'red'],
    [6, 20, 'red', 'red'],
    [8, 20, 'blue', 'blue'],
  ])('with the orientation %i is turned upright', async (orientation, wide, left, right) => {
    const file = await (await halves()).withMetadata({ orientation }).png().toBuffer()
    const { width, data } = await decodePhoto(file)
    const colour = (at: number) => (Number(data[at]) > 200 ? 'red' : 'blue')
    expect([width, colour(0), colour(3 * (width - 1))]).toEqual([wide, left, right])
  })

  it('with transparency is looked at on white', async () => {
    const file = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    const { channels, copy } = await decodePhoto(file)
    expect([channels, pixel(copy.rgb, 0)]).toEqual([4, [255, 255, 255]])
  })

  it('of any size is looked at in a copy that is not larger than 1,600', async () => {
    const create = { width: 4000, height: 1000, channels: 3 as const, background: '#888' }
    const { width, copy } = await decodePhoto(await sharp({ create }).jpeg().toBuffer())
    expect([width, copy.width, copy.height]).toEqual([4000, 1600, 400])
  })
})

/** A PNG's header that claims a size, and nothing behind it. */
async function claiming(width: number, height: number): Promise<Uint8Array> {
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .png()
    .toBuffer()
  png.writeUInt32BE(width, 16)
  png.writeUInt32BE(height, 20)
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
  return png
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

it.each([
  ['text', new TextEncoder().encode('no photo'), 'UPLOAD_UNSUPPORTED'],
  ['SVG', new TextEncoder().encode('<svg width="9" height="9"/>'), 'UPLOAD_UNSUPPORTED'],
  ['nothing', new Uint8Array(), 'UPLOAD_UNSUPPORTED'],
  ['a mere beginning', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'UPLOAD_UNREADABLE'],
  ['GIF', await (await halves()).gif().toBuffer(), 'UPLOAD_UNSUPPORTED'],
  ['60 megapixels', await claiming(10_000, 6_000), 'UPLOAD_TOO_LARGE'],
  ['a damaged PNG', await claiming(5_000, 5_000), 'UPLOAD_UNREADABLE'],
])('refuses %s', async (_, file, code) => {
  await expect(decodePhoto(file)).rejects.toMatchObject({ name: 'PhotoError', code })
})
