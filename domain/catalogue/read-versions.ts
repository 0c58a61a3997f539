import { compareVersions } from '@presage/models/card/load-catalogue'
import type { ModelChange, ModelVersion } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'

/** Changes of one version that are shown. */
const MAX_CHANGES = 100

/** Every version of a model that was ever seen, newest first; none of a model that was not. */
export async function readVersions(
  { db }: Pick<Domain, 'db'>,
  model: string,
): Promise<ModelVersion[]> {
  const versions = await db.prisma.modelVersion.findMany({ where: { model } })
  return versions.sort((a, b) => compareVersions(b.version, a.version))
}

/** What changed about one version, the last 100, newest first. */
export const readChanges = (
  { db }: Pick<Domain, 'db'>,
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
): Promise<ModelChange[]> =>
  db.prisma.modelChange.findMany({
    where: { model, version },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: MAX_CHANGES,
  })
