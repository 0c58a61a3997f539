import type { Db } from '@presage/prisma/client'
import { type LedgerHealth, ledgerHealth } from '../wallet/ledger-health.js'
import { type MeanAge, meanAge } from './mean-age.js'
import { type OutboxFigures, outboxFigures } from './outbox-figures.js'
import { SlowFigure } from './slow-figure.js'

/** What those who run the service look at, read at a bounded pace however many look. */
export interface Operations {
  readonly ledger: SlowFigure<LedgerHealth>
  readonly outbox: SlowFigure<OutboxFigures>
  /** null = of too few people to be shown */
  readonly age: SlowFigure<MeanAge | null>
}

const OUTBOX_EVERY_MS = 1000
/** The mean age reads the whole history, and changes slowly. */
const AGE_IS_RARER = 10

/** @param everyMs how often the books are read at most. */
export const createOperations = (db: Pick<Db, 'pool'>, everyMs: number): Operations => ({
  ledger: new SlowFigure(() => ledgerHealth({ db }), everyMs),
  outbox: new SlowFigure(() => outboxFigures(db), Math.min(OUTBOX_EVERY_MS, everyMs)),
  age: new SlowFigure(() => meanAge(db), AGE_IS_RARER * everyMs),
})
