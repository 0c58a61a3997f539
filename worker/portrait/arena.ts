/** Where numbers are kept while a photo is computed; what stands in them at first is undefined. */
export interface Memory {
  floats(length: number): Float32Array
  ints(length: number): Int32Array
  bytes(length: number): Uint8ClampedArray
}

/** Of a photo of 2 megapixels; larger ones take fresh memory for what goes beyond. */
const MOST_KEPT = 32 * 2 ** 20

const ALIGNMENT = 8

/**
 * Memory that is used again, photo after photo: a process pays for each fresh page when it first
 * writes to it, up to 16 ms for 4 MB, as much as a look of the network.
 */
class Arena implements Memory {
  private buffer = new ArrayBuffer(0)
  private used = 0

  floats(length: number): Float32Array {
    return new Float32Array(...this.take(4 * length), length)
  }

  ints(length: number): Int32Array {
    return new Int32Array(...this.take(4 * length), length)
  }

  bytes(length: number): Uint8ClampedArray {
    return new Uint8ClampedArray(...this.take(length), length)
  }

  /** Forgets all; the next photo finds as much room as this one asked for. */
  reset(): void {
    const size = Math.min(MOST_KEPT, this.used)
    if (size > this.buffer.byteLength) this.buffer = new ArrayBuffer(size)
    this.used = 0
  }

  private take(length: number): [ArrayBuffer, number] {
    const from = this.used
    this.used += Math.ceil(length / ALIGNMENT) * ALIGNMENT
    return from + length <= this.buffer.byteLength
      ? [this.buffer, from]
      : [new ArrayBuffer(length), 0]
  }
}

/** Fresh memory, for what is done once. */
export const FRESH: Memory = {
  floats: (length) => new Float32Array(length),
  ints: (length) => new Int32Array(length),
  bytes: (length) => new Uint8ClampedArray(length),
}

const idle: Arena[] = []

/** Does work with memory that was used before and will be again; nothing of it may get out. */
export async function withMemory<T>(work: (memory: Memory) => Promise<T>): Promise<T> {
  const arena = idle.pop() ?? new Arena()
  try {
    return await work(arena)
  } finally {
    arena.reset()
    if (idle.length === 0) idle.push(arena)
  }
}
