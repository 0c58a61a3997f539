import type { Desk } from '@presage/domain/desk/desk'
import DataLoader from 'dataloader'
import type { GraphQLContext } from '../context.js'

type Read<Row> = (desk: Desk, runIds: readonly string[], limit: number) => Promise<Row[]>

/**
 * How what each run has is read for all runs of a page by one statement. Nothing is remembered: a run
 * goes on, and an operation of several mutations asks again.
 */
export function ofRuns<Row extends { runId: string }>(read: Read<Row>) {
  const known = new WeakMap<GraphQLContext, Map<number, DataLoader<string, Row[]>>>()

  async function load({ creditDesk }: GraphQLContext, runIds: readonly string[], limit: number) {
    const rows = new Map(runIds.map((id) => [id, [] as Row[]]))
    for (const row of await read(creditDesk, [...rows.keys()], limit))
      rows.get(row.runId)?.push(row)
    return runIds.map((id) => rows.get(id) ?? [])
  }

  return (runId: string, limit: number, context: GraphQLContext): Promise<Row[]> => {
    const loaders = known.get(context) ?? new Map<number, DataLoader<string, Row[]>>()
    known.set(context, loaders)
    const loader =
      loaders.get(limit) ??
      new DataLoader<string, Row[]>((ids) => load(context, ids, limit), { cache: false })
    loaders.set(limit, loader)
    return loader.load(runId)
  }
}
