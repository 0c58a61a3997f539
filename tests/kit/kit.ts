import { createDomain, type Domain, drainDomain } from '@presage/domain/domain'
import { createIdentity } from '@presage/domain/identity/identity'
import { tokenKey } from '@presage/domain/identity/token-keys'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { type Db, openDb } from '@presage/prisma/client'
import { afterAll, inject } from 'vitest'
import { cloneDatabase } from './clone-database.js'
import { RecordingOutbox } from './recording-outbox.js'
import { type SeededUser, seedUser, type UserSeed } from './seed-user.js'
import { Stack, type StackOptions } from './stack.js'
import { testCatalogue } from './test-catalogue.js'

/** The kit and the servers it starts sign alike, so that a user of the kit is one of theirs. */
const SECRET = 'secret-of-the-tests'.repeat(2)

/** As a server's environment has it. */
export const TOKEN_KEYS = `test:${SECRET}`

/**
 * How long a test waits for a connection or a transaction of its own, which says nothing of Presage:
 * a loaded machine has once kept one waiting for more than the 10 s of a server.
 */
const PATIENCE_MS = 60_000

const keys = { current: tokenKey('test', SECRET), others: [] }

/** A domain whose outbox a test can read. */
export interface TestDomain extends Domain {
  readonly outbox: RecordingOutbox
}

export interface DomainOptions {
  /** Another way to the same database; by default straight. */
  url?: string
  catalogue?: Catalogue
  poolSize?: number
}

/** What a test file stands on: a database of its own, on the run's PostgreSQL server. */
export class Kit {
  readonly #domains: Domain[] = []
  readonly #stacks: Stack[] = []
  #seeds: Domain | null = null

  constructor(readonly databaseUrl: string) {}

  /** A domain on the file's database; each is a server of its own, with its own lanes. */
  domain({ url = this.databaseUrl, catalogue = testCatalogue(), poolSize }: DomainOptions = {}) {
    const db = openDb(url, {
      ...(poolSize === undefined ? {} : { poolSize }),
      patienceMs: PATIENCE_MS,
    })
    const outbox = new RecordingOutbox()
    const identity = createIdentity({ db, tokens: keys })
    const parts = { db, catalogue, identity, quoteKeys: keys, outbox, testTopUps: true }
    const domain: TestDomain = { ...createDomain(parts), outbox }
    this.#domains.push(domain)
    return domain
  }

  /** Servers and workers as processes, on the file's database and a NATS of their own. */
  async stack(options: StackOptions = {}): Promise<Stack> {
    const ground = { databaseUrl: this.databaseUrl, tokenKeys: TOKEN_KEYS }
    const stack = await Stack.start(ground, options)
    this.#stacks.push(stack)
    return stack
  }

  /** A user with a session and so many credits. */
  user(seed: UserSeed = {}): Promise<SeededUser> {
    return seedUser(this.seeds, seed)
  }

  /** The database, for what a test looks up behind the API's back. */
  get db(): Db {
    return this.seeds.db
  }

  /** The domain that seeds; nobody else uses it. */
  get seeds(): Domain {
    this.#seeds ??= this.domain()
    return this.#seeds
  }

  async close(): Promise<void> {
    await Promise.all(this.#stacks.map((stack) => stack.stop()))
    await Promise.all(this.#domains.map(drainDomain))
    await Promise.all(this.#domains.map(({ db }) => db.close()))
  }
}

/** Opens the kit of a test file; everything it started ends with the file. */
export async function openKit(): Promise<Kit> {
  const database = await cloneDatabase(inject('templateUrl'))
  const kit = new Kit(database.url)
  afterAll(async () => {
    await kit.close()
    await database.drop()
  })
  return kit
}
