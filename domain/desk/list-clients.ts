import { type DeskClient, IS_STALE, seenBy, selectClients } from './client.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { folded } from './profile.js'

/** Which clients to list; absent = all that are the caller's. */
export interface ClientFilter {
  /** An admin's alone: of this manager, or null for nobody's. A manager has their own. */
  managerId?: string | null | undefined
  /** Every word of it stands in a name or the e-mail, in any case. */
  search?: string | null | undefined
  bands?: readonly string[] | null | undefined
  /** Whether the latest month's payment was late. */
  delinquent?: boolean | null | undefined
  unscored?: boolean | null | undefined
  stale?: boolean | null | undefined
}

/** By what to sort: never scored stands behind the best rating, and before the oldest score. */
export interface ClientOrder {
  by: 'name' | 'rating' | 'monthsLate' | 'scoredAt'
  descending?: boolean | undefined
}

/** A client's place in an order; `key` is text, whatever the order is by. */
export interface ClientKey {
  key: string
  id: string
}

/** A slice by key, in the order asked for unless `inverted`, strictly between `after` and `before`. */
export interface ClientPage {
  after?: ClientKey | undefined
  before?: ClientKey | undefined
  limit: number
  inverted?: boolean | undefined
}

export interface ListedClient extends DeskClient {
  /** Where it stands in the list's order. */
  place: ClientKey
}

const ORDERS: Record<ClientOrder['by'], { column: string; type: string }> = {
  name: { column: 'c.name_key', type: 'text' },
  rating: { column: 'c.rating_order', type: 'numeric' },
  monthsLate: { column: 'c.months_late_order', type: 'int' },
  scoredAt: { column: 'c.scored_order', type: 'timestamptz' },
}

/**
 * One page of a portfolio, in one statement: the index led by the manager serves each order, and a
 * filter or a search costs the rows of that portfolio that it passes over. Of all clients an admin's
 * names are served alike; their other orders sort.
 *
 * @throws DeskForbiddenError unless the caller works at the desk.
 */
export async function listClients(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  filter: ClientFilter,
  order: ClientOrder,
  page: ClientPage,
): Promise<ListedClient[]> {
  requireStaff(me)
  const { text, values } = listStatement(desk, me, filter, order, page)
  const { rows } = await desk.domain.db.pool.query<DeskClient & { orderKey: string }>(text, values)
  return rows.map(({ orderKey, ...client }) => ({
    ...client,
    place: { key: orderKey, id: client.userId },
  }))
}

function listStatement(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  filter: ClientFilter,
  { by, descending = false }: ClientOrder,
  { after, before, limit, inverted = false }: ClientPage,
): { text: string; values: unknown[] } {
  const values: unknown[] = seenBy(desk, me)
  const bind = (value: unknown) => `$${values.push(value)}`
  const { column, type } = ORDERS[by]
  const beyond = ({ key, id }: ClientKey, sign: '<' | '>') =>
    `(${column}, c.user_id) ${sign} (${bind(key)}::${type}, ${bind(id)}::uuid)`
  const conditions = [
    ...conditionsOf(me, filter, bind),
    ...(after ? [beyond(after, descending ? '<' : '>')] : []),
    ...(before ? [beyond(before, descending ? '>' : '<')] : []),
  ]
  const way = descending === inverted ? 'ASC' : 'DESC'
  const text = `${selectClients(`, ${column}::text AS "orderKey"`)}
    ${conditions.map((condition) => `AND ${condition}`).join(' ')}
    ORDER BY ${column} ${way}, c.user_id ${way} LIMIT ${bind(limit)}`
  return { text, values }
}

function conditionsOf(
  me: DeskViewer,
  { search, bands, delinquent, unscored, stale, ...filter }: ClientFilter,
  bind: (value: unknown) => string,
): string[] {
  const managerId = me.isAdmin ? filter.managerId : me.userId
  const words = folded(search ?? '')
    .split(/\s+/)
    .filter(Boolean)
  const is = (wanted: boolean, condition: string) => (wanted ? condition : `NOT (${condition})`)
  return [
    ...(managerId === null ? ['c.manager_id IS NULL'] : []),
    ...(managerId ? [`c.manager_id = ${bind(managerId)}`] : []),
    ...(words.length > 0
      ? [`c.search_text LIKE ALL (${bind(words.map(containing))}::text[])`]
      : []),
    ...(bands ? [`c.band = ANY (${bind(bands)}::text[])`] : []),
    ...(delinquent == null ? [] : [is(delinquent, 'c.months_late_order > 0')]),
    ...(unscored == null ? [] : [is(unscored, 'c.latest_score_id IS NULL')]),
    ...(stale == null ? [] : [is(stale, IS_STALE)]),
  ]
}

/** The pattern of texts that hold this word, whatever characters it has. */
const containing = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`
