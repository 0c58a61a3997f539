import type { ParsedRequest } from '../catalogue/parse-request.js'
import type { Prediction } from './prediction.js'
import { requestHash } from './request-hash.js'
import type { Run } from './run.js'
import { storedInput } from './stored.js'

/**
 * What a call asks for. Who asked for no version repeats the call also when another is on sale by
 * then, so only a version that was asked for stands in it.
 */
export const inputOf = (
  model: string,
  variant: string,
  stored: Record<string, unknown>,
  version: string | null,
): readonly unknown[] => [model, variant, stored, ...(version === null ? [] : [version])]

/** What the idempotency key of a call is bound to, as hex. */
export const callHash = (
  asked: readonly unknown[],
  { explain, deadline = null }: Pick<Run, 'explain' | 'deadline'>,
): string => requestHash([...asked, explain, deadline])

/**
 * What the row of a bulk's item says of its request, as hex, for {@link pinOf} to read; null when it
 * pins no version, since the keys of items need no input to be compared.
 */
export const pinHash = (
  { model: { card }, variant, stored, pinned }: ParsedRequest,
  { explain }: Pick<Run, 'explain'>,
): string | null =>
  pinned ? callHash(inputOf(card.name, variant.name, stored, card.version), { explain }) : null

/**
 * The version that a prediction's caller asked for by name; null when it was the one on sale. A
 * draft's row says so, of any other call the hash of its request.
 */
export function pinOf(prediction: Prediction): string | null {
  const { model, variant, version, versionPinned, explain, requestHash: hash } = prediction
  if (versionPinned) return version
  const asked = inputOf(model, variant, storedInput(prediction), version)
  const told = hash && Buffer.from(hash).toString('hex')
  const hashes = [null, prediction.deadline].map((deadline) =>
    callHash(asked, { explain, deadline }),
  )
  return told && hashes.includes(told) ? version : null
}
