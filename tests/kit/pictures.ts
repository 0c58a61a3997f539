import sharp from 'sharp'

/** A picture of one colour. */
export const picture = (
  format: 'jpeg' | 'png' | 'webp' | 'gif',
  { width = 40, height = 20 }: { width?: number; height?: number } = {},
): Promise<Buffer> => blank(width, height).toFormat(format).toBuffer()

/** A JPEG that lies on its side, as telephones make them. */
export const turnedPicture = (): Promise<Buffer> =>
  blank(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer()

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#808080' } })

/** A PNG whose header says how large it is, and which has no pixel. */
export function headOfPng(width: number, height: number): Buffer {
  const size = Buffer.alloc(8)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([size, Buffer.from('0806000000', 'hex')])),
    chunk('IDAT', Buffer.alloc(0)),
  ])
}

/** Length, kind, content and the CRC-32 of the latter two (PNG, section 5.3). */
function chunk(kind: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), content])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(content.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}

function crc32(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
