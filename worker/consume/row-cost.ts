/** How much of the past one batch leaves: ten batches weigh about as much as all before them. */
const DECAY = 0.9

/** What one row costs, as the decayed mean of the batches measured, so large batches count most. */
export class RowCost {
  private rows = 0
  private ms = 0

  /** Adds a batch of `rows` that took `ms` milliseconds. */
  record(rows: number, ms: number): void {
    this.rows = this.rows * DECAY + rows
    this.ms = this.ms * DECAY + ms
  }

  /** Milliseconds that `rows` are expected to take; 0 before anything was measured. */
  expected(rows: number): number {
    return this.rows === 0 ? 0 : (this.ms / this.rows) * rows
  }

  /** Rows that fit into `ms`; `undefined` before anything was measured. */
  rowsWithin(ms: number): number | undefined {
    const perRow = this.expected(1)
    return perRow === 0 ? undefined : Math.floor(ms / perRow)
  }
}
