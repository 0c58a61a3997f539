import { isDeepStrictEqual } from 'node:util'
import { contractSchema } from '@presage/models/card/contract'
import {
  byName,
  type Catalogue,
  compareVersions,
  type InstalledModel,
} from '@presage/models/card/load-catalogue'
import type { Db, Tx } from '@presage/prisma/client'
import type { ModelVersion, VersionState } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { moveVersion } from './move-version.js'
import { type Replaced, successorOf } from './successor-of.js'

/** Any number that nobody else locks: one server after the other looks at what is new. */
const ADVISORY_LOCK = 7_240_119

/**
 * Writes down the installed versions that were never seen. Of a model that was never seen the newest
 * is on sale and the others are retired; any other enters as a shadow. Where the version on sale is
 * not installed any more, the newest that may take its place is sold. Any number of servers may
 * call it at once.
 *
 * @returns what was put on sale in the place of versions that are gone.
 * @throws NoSuccessorError when no installed version of a model may take that place.
 */
export async function enterVersions(
  { prisma }: Pick<Db, 'prisma'>,
  { installed }: Pick<Catalogue, 'installed'>,
): Promise<Replaced[]> {
  const models = byName([...installed].sort(newestFirst))
  return prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`
    const known = await tx.modelVersion.findMany({ where: { model: { in: [...models.keys()] } } })
    const replaced: Replaced[] = []
    for (const [model, versions] of models) {
      const own = known.filter((each) => each.model === model)
      const successor = successorOf(model, versions, own)
      await enter(tx, model, versions, own)
      if (successor) await replace(tx, successor)
      if (successor) replaced.push(successor)
    }
    return replaced
  })
}

const newestFirst = (a: InstalledModel, b: InstalledModel) =>
  compareVersions(b.card.version, a.card.version)

async function enter(
  tx: Tx,
  model: string,
  installed: readonly InstalledModel[],
  known: readonly ModelVersion[],
): Promise<void> {
  const isSold = known.some(({ state }) => state === 'ON_SALE')
  const stateOf = (index: number): VersionState =>
    isSold ? 'SHADOW' : index === 0 ? 'ON_SALE' : 'RETIRED'
  let entered = 0
  for (const { card } of installed) {
    const { version } = card
    const inputsKeptDays = card.inputsKeptDays ?? null
    const contract = contractSchema.parse({ ...card, inputsKeptDays })
    const before = known.find((each) => each.version === version)
    if (isDeepStrictEqual(before?.contract, contract)) continue
    const where = { model_version: { model, version } }
    if (before) await tx.modelVersion.update({ where, data: { contract } })
    else {
      await tx.modelVersion.create({
        data: { model, version, contract, state: stateOf(entered++) },
      })
      await tx.modelChange.create({ data: { id: uuidv7(), model, version, action: 'ENTERED' } })
    }
  }
}

async function replace(tx: Tx, { model, version, replaced }: Replaced): Promise<void> {
  await moveVersion(tx, { model, version: replaced }, 'RETIRED')
  await moveVersion(tx, { model, version }, 'ON_SALE')
  const reason = `${replaced} was on sale and is not installed any more.`
  await tx.modelChange.create({
    data: { id: uuidv7(), model, version, action: 'PROMOTED', replaced, reason },
  })
}
