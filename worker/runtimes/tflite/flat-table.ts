/** Names are decoded, and a hostile file may point thousands of them at its largest list. */
const LONGEST_NAME = 1024

/** Where a table's field begins, counted from the table: 0 when the field has its default. */
function fieldOffset(view: DataView, start: number, field: number): number {
  const layout = start - view.getInt32(start, true)
  const slot = 4 + 2 * field
  return slot < view.getUint16(layout, true) ? view.getUint16(layout + slot, true) : 0
}

/**
 * A table of a FlatBuffers file; fields are named by their number in the schema.
 * Every read is within the file or a RangeError, and a vector is measured before it is copied.
 * Source: https://flatbuffers.dev/internals/
 */
export class FlatTable {
  private constructor(
    private readonly view: DataView,
    private readonly start: number,
  ) {}

  /** The table that a file begins with. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new FlatTable(view, view.getUint32(0, true))
  }

  private at(field: number): number | undefined {
    const offset = fieldOffset(this.view, this.start, field)
    return offset === 0 ? undefined : this.start + offset
  }

  private target(position: number): number {
    return position + this.view.getUint32(position, true)
  }

  private vector(field: number, width: number): { first: number; length: number } {
    const position = this.at(field)
    if (position === undefined) return { first: 0, length: 0 }
    const start = this.target(position)
    const length = this.view.getUint32(start, true)
    const first = start + 4
    if (first + length * width > this.view.byteLength)
      throw new RangeError(`a list of ${length} entries reaches past the end of the file`)
    return { first, length }
  }

  int8(field: number, fallback = 0): number {
    const position = this.at(field)
    return position === undefined ? fallback : this.view.getInt8(position)
  }

  int32(field: number, fallback = 0): number {
    const position = this.at(field)
    return position === undefined ? fallback : this.view.getInt32(position, true)
  }

  uint32(field: number, fallback = 0): number {
    const position = this.at(field)
    return position === undefined ? fallback : this.view.getUint32(position, true)
  }

  table(field: number): FlatTable | undefined {
    const position = this.at(field)
    return position === undefined ? undefined : new FlatTable(this.view, this.target(position))
  }

  tables(field: number): FlatTable[] {
    const { first, length } = this.vector(field, 4)
    return Array.from(
      { length },
      (_, index) => new FlatTable(this.view, this.target(first + 4 * index)),
    )
  }

  /** @throws RangeError when there are more than `most`. */
  int32s(field: number, most: number): number[] {
    const { first, length } = this.vector(field, 4)
    if (length > most)
      throw new RangeError(`a list has ${length} entries, at most ${most} are read`)
    return Array.from({ length }, (_, index) => this.view.getInt32(first + 4 * index, true))
  }

  /** A view into the file, not a copy. */
  bytes(field: number): Uint8Array {
    const { first, length } = this.vector(field, 1)
    return new Uint8Array(this.view.buffer, this.view.byteOffset + first, length)
  }

  /** @throws RangeError when it is longer than a name. */
  text(field: number): string {
    const bytes = this.bytes(field)
    if (bytes.length > LONGEST_NAME) throw new RangeError(`a name has ${bytes.length} bytes`)
    return new TextDecoder().decode(bytes)
  }
}
