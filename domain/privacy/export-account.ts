import type { Domain } from '../domain.js'
import { InvalidInputError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { type ExportSection, SECTIONS } from './export-sections.js'

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
  const sections = [...SECTIONS, ...domain.products.flatMap((product) => product.exportSections)]
  const [from, startKey] = placeOf(sections, after)
  let cursor = after ?? ''
  for (const section of sections.slice(from)) {
    let key = section === sections[from] ? startKey : ''
    for (;;) {
      const rows = await section.read(domain, userId, key)
      const last = rows.at(-1)
      if (!last) break
      key = last[0]
      cursor = `${section.name}:${key}`
      const records = rows.map(([, record]) => ({ section: section.name, ...record }))
      yield { cursor, records, isLast: false }
    }
  }
  yield { cursor, records: [], isLast: true }
}

/** Which section to go on in, and behind which key. */
function placeOf(sections: readonly ExportSection[], cursor: string | null): [number, string] {
  if (cursor === null) return [0, '']
  const [name = ''] = cursor.split(':')
  const place = sections.findIndex((each) => each.name === name)
  const key = cursor.slice(name.length + 1)
  if (sections[place]?.key.test(key)) return [place, key]
  throw new InvalidInputError([{ path: ['after'], message: 'This is no cursor of an export.' }])
}
