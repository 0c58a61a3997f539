import { contractSchema } from '@presage/models/card/contract'
import { compareVersions, type InstalledModel } from '@presage/models/card/load-catalogue'
import { successionFaults } from '@presage/models/card/succession'
import type { ModelVersion } from '@presage/prisma/generated/client/client'

/** A version that is sold in the place of one that is gone. */
export interface Replaced {
  model: string
  /** What is sold from now on. */
  version: string
  /** What was on sale, and is not installed. */
  replaced: string
}

/** What is on sale is gone, and nothing that is installed may be sold in its place. */
export class NoSuccessorError extends Error {
  override readonly name = 'NoSuccessorError'

  constructor(
    { model, version }: Pick<ModelVersion, 'model' | 'version'>,
    faults: readonly string[],
  ) {
    super(
      [
        `${model} ${version} is on sale and not installed, and nothing else may take its place:`,
        ...faults.map((fault) => `  - ${fault}`),
        `Put its folder back into MODELS_DIR as ${model}@${version}, correct the newer card, or give the new model another name.`,
      ].join('\n'),
    )
  }
}

/** Why a version may not be sold in the place of one that is gone. */
function faultsOf(gone: ModelVersion, { card }: InstalledModel, known: readonly ModelVersion[]) {
  const before = known.find(({ version }) => version === card.version)
  // It has been on sale, and an admin could go back to it as well.
  if (before?.state === 'RETIRED') return []
  const kept = contractSchema.safeParse(gone.contract)
  if (kept.success) return successionFaults(kept.data, card)
  return compareVersions(card.version, gone.version) > 0 ? [] : ['is older and was never on sale']
}

/**
 * What is to be sold in the place of a version that is gone: the newest that takes all that the one
 * on sale takes and answers in the same terms, or that has been on sale before.
 *
 * @param installed newest first
 * @returns undefined when nothing is to be replaced.
 * @throws NoSuccessorError
 */
export function successorOf(
  model: string,
  installed: readonly InstalledModel[],
  known: readonly ModelVersion[],
): Replaced | undefined {
  const gone = known.find(({ state }) => state === 'ON_SALE')
  if (!gone || installed.some(({ card }) => card.version === gone.version)) return undefined
  const judged = installed.map((each) => ({
    version: each.card.version,
    faults: faultsOf(gone, each, known),
  }))
  const heir = judged.find(({ faults }) => faults.length === 0)
  if (heir) return { model, version: heir.version, replaced: gone.version }
  const faults = judged.flatMap((it) => it.faults.map((fault) => `${it.version}: ${fault}`))
  throw new NoSuccessorError(gone, faults)
}
