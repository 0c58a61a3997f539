import type { FeatureValue } from '@presage/models/card/feature-schema'

export type Values = Readonly<Record<string, FeatureValue>>

/** Features that are changed together: one by itself, or all that only one of two inputs has. */
export type Player = readonly string[]

/**
 * What differs between two inputs. Features that came or went are one player: the model's months follow
 * each other, and half a month is no history.
 */
export function changedFeatures(a: Values, b: Values): Player[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const oneSided = names.filter((name) => !(name in a && name in b))
  const edited = names.filter((name) => name in a && name in b && a[name] !== b[name])
  return [...edited.map((name) => [name]), ...(oneSided.length > 0 ? [oneSided] : [])]
}

/** The input `a` with the players of a coalition as they are in `b`. */
export function withChanges(a: Values, b: Values, players: readonly Player[], coalition: number) {
  const moved = new Set(players.flatMap((player, n) => (coalition & (1 << n) ? player : [])))
  const kept = Object.entries(a).filter(([name]) => !moved.has(name))
  const taken = Object.entries(b).filter(([name]) => moved.has(name))
  return Object.fromEntries([...kept, ...taken])
}
