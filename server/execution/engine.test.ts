import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { type ServerContext, SessionOverError } from './caller.js'
import { Engine } from './engine.js'

const catalogue = await loadCatalogue()

async function* ticks() {
  for (;;) yield 'tick'
}

/** A schema whose answers depend on who the context says is asking. */
const who = {
  type: GraphQLString,
  resolve: (_root: unknown, _args: unknown, { viewer }: ServerContext) => viewer?.email,
}
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { who } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: { who: { ...who, subscribe: ticks } },
  }),
})
const engine = new Engine({ schema, catalogue, log: pino({ level: 'silent' }) })

const as = (email: string) => ({ viewer: { email }, caller: {} }) as ServerContext

function prepared(query: string) {
  const { document } = engine.prepare(query)
  if (!document) throw new Error('the query is not good')
  return { document }
}

async function streamOf(nextContext: () => Promise<ServerContext>) {
  const opened = await engine.subscribe(prepared('subscription { who }'), as('first'), nextContext)
  if (!('next' in opened)) throw new Error('it was not opened')
  return opened
}

describe('the engine', () => {
  it('refuses what is nested so deeply that it cannot be read', () => {
    for (const depth of [100, 1_000, 1_900]) {
      const query = `query ($a: Int = ${'['.repeat(depth)}) { who }`
      expect(engine.prepare(query)).toMatchObject({
        document: null,
        errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
      })
    }
  })

  it('executes each event of a subscription under a context of its own', async () => {
    const rights = ['second', 'third']
    const stream = await streamOf(async () => as(rights.shift() ?? 'nobody'))
    expect((await stream.next()).value).toEqual({ data: { who: 'second' } })
    expect((await stream.next()).value).toEqual({ data: { who: 'third' } })
  })

  it('shows no event to a session that is over', async () => {
    const stream = await streamOf(() => Promise.reject(new SessionOverError()))
    await expect(stream.next()).rejects.toBeInstanceOf(SessionOverError)
    expect((await stream.next()).done).toBe(true)
  })

  it('hides what breaks a subscription', async () => {
    const stream = await streamOf(() => Promise.reject(new Error('secret')))
    const error = await stream.next().then(null, (reason: unknown) => reason)
    expect(error).toMatchObject({ extensions: { code: 'INTERNAL' } })
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  it('reads a query once, and one that is not good each time', () => {
    expect(engine.prepare('{ who }').document).toBe(engine.prepare('{ who }').document)
    for (let i = 0; i < 2; i++) expect(engine.prepare('{ nobody }').errors).toHaveLength(1)
  })

  it('refuses a query beyond its number of tokens before it reads it', () => {
    const { document, errors } = engine.prepare(`{ ${'who '.repeat(5000)} }`)
    expect(document).toBeNull()
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_PARSE_FAILED')
  })
})
