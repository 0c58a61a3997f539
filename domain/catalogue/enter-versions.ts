import {
  byName,
  type Catalogue,
  compareVersions,
  type InstalledModel,
} from '@presage/models/card/load-catalogue'
import type { Db, Tx } from '@presage/prisma/client'
import type { ModelVersion, VersionState } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'

/** What is on sale is not there, and nothing else may be sold in its place unasked. */
export class SoldVersionMissingError extends Error {
  override readonly name = 'SoldVersionMissingError'

  constructor({ model, version }: Pick<ModelVersion, 'model' | 'version'>) {
    super(
      `${model} ${version} is on sale and not installed. Put its folder back into MODELS_DIR, beside the others as ${model}@${version}; to sell another version, promote that one first.`,
    )
  }
}

/** Any number that nobody else locks: one server after the other looks at what is new. */
const ADVISORY_LOCK = 7_240_119

/**
 * Writes down the installed versions that were never seen. Of a model that was never seen the newest
 * is on sale and the others are retired; any other enters as a shadow. Any number of servers may
 * call it at once.
 *
 * @throws SoldVersionMissingError when only other versions of a model are installed.
 */
export async function enterVersions(
  { prisma }: Pick<Db, 'prisma'>,
  { installed }: Pick<Catalogue, 'installed'>,
): Promise<void> {
  const models = byName(installed)
  await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`
    const known = await tx.modelVersion.findMany({ where: { model: { in: [...models.keys()] } } })
    for (const [model, versions] of models)
      await enter(
        tx,
        model,
        versionsOf(versions),
        known.filter((each) => each.model === model),
      )
  })
}

/** Newest first. */
const versionsOf = (models: readonly InstalledModel[]) =>
  models.map(({ card }) => card.version).sort((a, b) => compareVersions(b, a))

async function enter(
  tx: Tx,
  model: string,
  installed: readonly string[],
  known: readonly ModelVersion[],
): Promise<void> {
  const sold = known.find(({ state }) => state === 'ON_SALE')
  if (sold && !installed.includes(sold.version)) throw new SoldVersionMissingError(sold)
  const entering = installed.filter((version) => !known.some((each) => each.version === version))
  if (entering.length === 0) return
  const stateOf = (index: number): VersionState =>
    sold ? 'SHADOW' : index === 0 ? 'ON_SALE' : 'RETIRED'
  await tx.modelVersion.createMany({
    data: entering.map((version, index) => ({ model, version, state: stateOf(index) })),
  })
  await tx.modelChange.createMany({
    data: entering.map((version) => ({ id: uuidv7(), model, version, action: 'ENTERED' as const })),
  })
}
