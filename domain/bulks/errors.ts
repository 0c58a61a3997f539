import { DomainError, type InputIssue } from '../errors.js'

/** What is wrong with one item, or with the bulk as a whole where `index` is null. */
export interface BulkFault {
  index: number | null
  code: string
  message: string
  /** Of an input that was refused, else empty. */
  issues: InputIssue[]
}

/** All or nothing was asked for, and not all could be: nothing was held and no key was bound. */
export class BulkRefusedError extends DomainError {
  readonly code = 'BULK_REFUSED'

  constructor(readonly faults: BulkFault[]) {
    super(`Nothing was accepted, since ${faults.length} faults were found.`)
  }
}
