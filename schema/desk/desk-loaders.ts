import type { Account } from '@presage/domain/admin/account'
import { readAccountsById } from '@presage/domain/admin/read-accounts'
import type { DeskClient } from '@presage/domain/desk/client'
import { type Line, type LineMonth, readLines, readMonths } from '@presage/domain/desk/credit-line'
import type { Desk } from '@presage/domain/desk/desk'
import type { DeskViewer } from '@presage/domain/desk/desk-viewer'
import { findClients } from '@presage/domain/desk/find-clients'
import { type DeskManager, readManagers } from '@presage/domain/desk/read-managers'
import { type Outcome, readOutcomes } from '@presage/domain/desk/record-outcome'
import { type DeskScore, readScoresById } from '@presage/domain/desk/score'
import DataLoader from 'dataloader'

/** What a request reads of the desk: a page of any size costs a statement of each kind. */
export interface DeskLoaders {
  client: DataLoader<string, DeskClient | null>
  line: DataLoader<string, Line | null>
  /** The latest `limit` months of a line, newest first. */
  months(limit: number): DataLoader<string, LineMonth[]>
  manager: DataLoader<string, DeskManager | null>
  score: DataLoader<string, DeskScore | null>
  /** By the score. */
  outcome: DataLoader<string, Outcome | null>
  /** For admins; null = deleted, too. */
  account: DataLoader<string, Account | null>
}

/** Loaders of one request; what is not the caller's loads as null. */
export function deskLoaders(desk: Desk, me: DeskViewer): DeskLoaders {
  const { db } = desk.domain
  const months = new Map<number, DataLoader<string, LineMonth[]>>()
  return {
    client: byKey(
      (ids) => findClients(desk, me, ids),
      ({ userId }) => userId,
    ),
    line: byKey(
      (ids) => readLines(db, ids),
      ({ clientId }) => clientId,
    ),
    months: (limit) => {
      const known = months.get(limit) ?? monthsLoader(desk, limit)
      months.set(limit, known)
      return known
    },
    manager: byKey(
      (ids) => readManagers(desk, me, ids),
      ({ userId }) => userId,
    ),
    score: byKey(
      (ids) => readScoresById(db, ids),
      ({ id }) => id,
    ),
    outcome: byKey(
      (ids) => readOutcomes(db, ids),
      ({ scoreId }) => scoreId,
    ),
    account: byKey(
      async (ids) => (me.isAdmin ? readAccountsById(desk.domain, ids) : []),
      ({ id }) => id,
    ),
  }
}

const monthsLoader = ({ domain }: Desk, limit: number) =>
  new DataLoader(async (lineIds: readonly string[]) => {
    const byLine = new Map(lineIds.map((id) => [id, [] as LineMonth[]]))
    for (const month of await readMonths(domain.db, lineIds, limit))
      byLine.get(month.lineId)?.push(month)
    return [...byLine.values()]
  })

const byKey = <Row>(
  read: (keys: readonly string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string,
) =>
  new DataLoader(async (keys: readonly string[]) => {
    const rows = new Map((await read(keys)).map((row) => [keyOf(row), row]))
    return keys.map((key) => rows.get(key) ?? null)
  })
