import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPresage, graphql, type Presage } from '@presage/client'
import { startNats } from '@presage/deploy/embedded/nats'
import { startPostgres } from '@presage/deploy/embedded/postgres'
import { compiled } from '@presage/deploy/local/program'
import { keptSecrets } from '@presage/deploy/local/secrets'
import { Stack } from '@presage/deploy/local/stack'

/** A whole Presage of its own, as `npm start` runs it, with callers who have money. */
export interface BenchStack {
  /** Where its API is. */
  url: string
  databaseUrl: string
  natsUrl: string
  callers: Presage[]
  stop(): Promise<void>
}

/** Who runs it. */
export const ADMIN = { email: 'admin@example.com', password: 'admin of the bench' }

const CREDITS_EACH = 10_000_000

const grant = graphql(`
  mutation Grant($input: MoveCreditsInput!) { grantTopUp(input: $input) { __typename } }
`)

/** Starts PostgreSQL (with fsync), NATS, one server, `workers` workers and `callers` callers. */
export async function startBenchStack(workers: number, callers: number): Promise<BenchStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'presage-bench-'))
  const [postgres, nats] = await Promise.all([startPostgres({ dataDir }), startNats({ dataDir })])
  const settings = {
    dataDir,
    port: 0,
    workers,
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    backup: undefined,
    admin: ADMIN,
    once: false,
  }
  const stack = new Stack(settings, keptSecrets(dataDir), compiled)
  await stack.start()
  const url = `${stack.url}/graphql`
  const presages = await richCallers(url, callers)
  return {
    url,
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    callers: presages,
    async stop() {
      for (const presage of presages) presage.close()
      await stack.stop()
      await nats.stop()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function richCallers(url: string, count: number): Promise<Presage[]> {
  const office = createPresage({ url })
  await office.logIn(ADMIN)
  const callers: Presage[] = []
  for (let i = 0; i < count; i += 1) {
    const presage = createPresage({ url })
    const { viewer } = await presage.register({
      email: `caller${i}@example.com`,
      password: 'a caller of the bench',
    })
    await office.request(grant, {
      input: { user: viewer.id, amount: CREDITS_EACH, idempotencyKey: `bench ${i}` },
    })
    for (const { name, healthData } of await presage.models())
      if (healthData)
        await presage.consents.give({ model: name, version: healthData.consentVersion })
    callers.push(presage)
  }
  office.close()
  return callers
}
