import { InvalidInputError } from '../../errors.js'

/** Why a row is not taken; `column` null = the row as a whole. */
export interface Fault {
  line: number
  column: string | null
  message: string
}

/** How many faults are told; all are counted. */
export const FAULTS_TOLD = 1000

/** What is wrong with a file: the first of it, and how much there is. */
export class Faults {
  readonly told: Fault[] = []
  readonly #lines = new Set<number>()
  count = 0

  add(line: number, column: string | null, message: string): void {
    this.count += 1
    this.#lines.add(line)
    if (this.told.length < FAULTS_TOLD) this.told.push({ line, column, message })
  }

  /** How many rows have one. */
  get rows(): number {
    return this.#lines.size
  }

  /** What a check gives; null when it refuses: what it tells of fields are the row's faults. */
  checked<Value>(
    line: number,
    check: () => Value,
    columnOf = (field: string): string => field,
  ): Value | null {
    try {
      return check()
    } catch (error) {
      this.#take(line, error, columnOf)
      return null
    }
  }

  /** The same of a check that takes its time. */
  async checkedLater<Value>(line: number, check: Promise<Value>): Promise<Value | null> {
    try {
      return await check
    } catch (error) {
      this.#take(line, error, (field) => field)
      return null
    }
  }

  /** @throws whatever says nothing of the row. */
  #take(line: number, error: unknown, columnOf: (field: string) => string): void {
    if (!(error instanceof InvalidInputError)) throw error
    for (const { path, message } of error.issues)
      this.add(line, path[0] === undefined ? null : columnOf(path[0]), message)
  }

  /** The first of them by line. */
  get sorted(): Fault[] {
    return this.told.toSorted((a, b) => a.line - b.line)
  }
}

/** What an import has done, or would do in a dry run: all rows or, with any fault, none. */
export interface ImportReport {
  /** Behind the header. */
  rows: number
  /** Written, or without a fault in a dry run. */
  accepted: number
  /** By line, the first 1,000. */
  faults: Fault[]
  faultCount: number
  dryRun: boolean
}
