import type { Domain } from '../domain.js'
import { InvalidInputError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { readers, SECTIONS, type Section } from './export-sections.js'

/** One thing that is kept about a user, as plain JSON; `section` says what it is. */
export type ExportRecord = { section: string } & Record<string, unknown>

/** Some records, and where to go on behind them; the last page has none. */
export interface ExportPage {
  cursor: string
  records: ExportRecord[]
  isLast: boolean
}

/**
 * All that is kept about the caller, a page at a time: nothing is read before it is asked for.
 *
 * @param after the cursor of the last page seen; null = from the start
 * @throws InvalidInputError for a cursor that is none.
 */
export async function* exportAccount(
  domain: Domain,
  { userId }: Viewer,
  after: string | null,
): AsyncGenerator<ExportPage, void, void> {
  const [from, startKey] = placeOf(after)
  let cursor = after ?? ''
  for (const section of SECTIONS.slice(SECTIONS.indexOf(from))) {
    let key = section === from ? startKey : ''
    for (;;) {
      const rows = await readers[section](domain, userId, key)
      const last = rows.at(-1)
      if (!last) break
      key = last[0]
      cursor = `${section}:${key}`
      const records = rows.map(([, record]) => ({ section, ...record }))
      yield { cursor, records, isLast: false }
    }
  }
  yield { cursor, records: [], isLast: true }
}

const UUID = '[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}'
const ID = new RegExp(`^${UUID}$`)
const PAIR = new RegExp(`^${UUID}:${UUID}$`)

/** How the keys of a section read: those of shadow runs are a prediction's id and their own. */
const keysOf = (section: Section) =>
  section === 'transactions' ? /^\d{1,18}$/ : section === 'shadowRuns' ? PAIR : ID

function placeOf(cursor: string | null): [Section, string] {
  if (cursor === null) return ['account', '']
  const [name = ''] = cursor.split(':')
  const section = SECTIONS.find((each) => each === name)
  const key = cursor.slice(name.length + 1)
  if (section && keysOf(section).test(key)) return [section, key]
  throw new InvalidInputError([{ path: ['after'], message: 'This is no cursor of an export.' }])
}
