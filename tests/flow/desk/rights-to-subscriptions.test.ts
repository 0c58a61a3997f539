import { describe, expect, it } from 'vitest'
import { type Answer, AnswerError, type Api, type Variables } from '../../kit/api.js'
import { deskRoles } from '../../kit/desk-roles.js'
import { DeskSchema } from '../../kit/desk-schema.js'
import { OWN, operationOf, SIGNED_OUT, type Told, told, toldBy } from '../../kit/desk-told.js'
import { openKit } from '../../kit/kit.js'

// Every role against every field of what the desk tells live; a new one has to be entered here.

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })
const { apis, ids } = await deskRoles(kit, stack)
const desk = await DeskSchema.read()

const FORBIDDEN = told('DESK_FORBIDDEN', { ...SIGNED_OUT, manager: 'yes', otherManager: 'yes' })
const STAFF = told('NOT_FOUND', { ...SIGNED_OUT, ...OWN, client: 'DESK_FORBIDDEN' })
const NO_WORKER = 'UNAVAILABLE'

/** What each tells to whom, and of which fields something else. */
const ROWS: Record<string, { input: string; told: Told; others?: Record<string, Told> }[]> = {
  client: [
    {
      input: '(id: $client)',
      told: told('NOT_FOUND', { ...SIGNED_OUT, ...OWN }),
      others: {
        ...{ edits: STAFF, notes: STAFF },
        whatWouldHelp: told('NOT_FOUND', {
          ...{ ...SIGNED_OUT, client: NO_WORKER, manager: NO_WORKER, admin: NO_WORKER },
        }),
      },
    },
  ],
  deskAlerts: [{ input: '', told: FORBIDDEN }],
  deskRun: [
    {
      input: '(id: $run)',
      told: told('NOT_FOUND', { ...SIGNED_OUT, manager: 'yes', admin: 'yes' }),
    },
  ],
  portfolio: [
    { input: '', told: { ...FORBIDDEN, admin: 'yes' } },
    {
      input: '(manager: $manager)',
      told: { ...FORBIDDEN, otherManager: 'DESK_FORBIDDEN', admin: 'yes' },
    },
  ],
}

/** What is told live alone; every field of it is asked for. */
const PARTS = new Set(['BandCount', 'Portfolio'])

const fields = desk.rootFields('Subscription')
const cases = fields.flatMap(({ name, type }) =>
  (ROWS[name] ?? []).flatMap(({ input, told: usual, others }) =>
    desk.fieldsOf(String(type).replace('!', '')).map((field) => {
      const expected = others?.[field.name] ?? usual
      // A field that is null for all that was seen is no refusal.
      const presence = others?.[field.name] ? '' : 'is: __typename '
      const asked = `${presence}${field.name} ${desk.selection(field, PARTS)}`
      return {
        name: `${name}${input}.${field.name}`,
        text: `{ ${name}${input} { ${asked} } }`,
        expected,
      }
    }),
  ),
)

/** The first event, or why there is none. */
async function firstOf(api: Api, query: string, variables: Variables): Promise<Answer> {
  const events = api.subscribe<Record<string, unknown>>(query, variables)
  try {
    return { data: (await events.next()).value ?? null }
  } catch (error) {
    if (error instanceof AnswerError) return { errors: error.errors }
    throw error
  } finally {
    await events.return()
  }
}

describe('each role is told live what is theirs', () => {
  it.each(cases)('$name', async ({ text, expected }) => {
    const { query, variables } = operationOf('subscription', text, ids)
    expect(await toldBy(apis, (api) => firstOf(api, query, variables))).toEqual(expected)
  })

  it('and no subscription of the desk is left out, nor what it tells', () => {
    expect(fields.map(({ name }) => name).sort()).toEqual(Object.keys(ROWS).sort())
    const queried = desk.reachable(desk.fieldsOf('Query'))
    const alone = [...desk.reachable(fields)].filter((name) => !queried.has(name))
    expect(alone.sort()).toEqual([...PARTS].sort())
  })
})
