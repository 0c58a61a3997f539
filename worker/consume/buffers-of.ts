/** What a message hands over to another thread instead of copying it: each buffer once. */
export function buffersOf(files: ReadonlyMap<string, Uint8Array> | undefined): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const { buffer } of files?.values() ?? [])
    if (buffer instanceof ArrayBuffer) buffers.add(buffer)
  return [...buffers]
}
