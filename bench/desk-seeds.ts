import { seedDesk } from '@presage/deploy/desk/seed-desk'
import { deployMigrations } from '@presage/prisma/migrate'
import pg from 'pg'

const EMPTY = 'bench_empty'
const SEEDED = 'bench_seeded'

/**
 * Fills an empty desk so many times, each in a database of its own beside the one named.
 *
 * @param clients how many each has to write.
 * @returns what each took, in ms: people drawn, their past scored by the model, all written.
 */
export async function timeSeeds(
  databaseUrl: string,
  rounds: number,
  clients: number,
): Promise<number[]> {
  const urlOf = (name: string) => Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).href
  const server = new pg.Client(databaseUrl)
  await server.connect()
  const tookMs: number[] = []
  try {
    await server.query(`CREATE DATABASE ${EMPTY}`)
    await deployMigrations(urlOf(EMPTY))
    for (let round = 0; round < rounds; round += 1) {
      await server.query(`CREATE DATABASE ${SEEDED} TEMPLATE ${EMPTY}`)
      const startMs = performance.now()
      const seeded = await seedDesk(urlOf(SEEDED), { password: 'a seed of the bench' })
      tookMs.push(performance.now() - startMs)
      if (seeded.clients !== clients) throw new Error(`${seeded.clients} clients were seeded`)
      await server.query(`DROP DATABASE ${SEEDED}`)
    }
  } finally {
    await server.end()
  }
  return tookMs
}
