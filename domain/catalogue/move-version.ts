import type { Tx } from '@presage/prisma/client'
import type { ModelVersion } from '@presage/prisma/generated/client/client'

/** Writes down how a version stands from now on. */
export const moveVersion = (
  tx: Tx,
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
  state: ModelVersion['state'],
) =>
  tx.$executeRaw`
    UPDATE model_versions SET state = ${state}::version_state, changed_at = clock_timestamp()
    WHERE model = ${model} AND version = ${version}`
