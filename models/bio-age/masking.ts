import type { Random } from '../random/random.js'
import { BODY, FURTHER_BLOOD, OPTIONAL } from './dataset.js'

/** The features a person is taken to have sent, of those that may be left out. */
export type Kept = ReadonlySet<string>

/** The input sets the card states an error for, by the optional features in them. */
export const INPUT_SETS: Readonly<Record<string, Kept>> = {
  nine: new Set<string>(),
  nineAndBody: new Set<string>(BODY),
  blood: new Set<string>(FURTHER_BLOOD),
  all: new Set<string>(OPTIONAL),
}

/** How often an epoch shows a row as each input set; the remainder keeps a random share. */
const SHARES: readonly (readonly [string, number])[] = [
  ['all', 0.35],
  ['blood', 0.25],
  ['nine', 0.2],
  ['nineAndBody', 0.05],
]

/** Draws which optional features to keep: a named set, or each one with one random chance. */
export function drawKept(random: Random): Kept {
  let draw = random()
  for (const [name, share] of SHARES) {
    const set = INPUT_SETS[name]
    if (set && draw < share) return set
    draw -= share
  }
  return randomKept(random)
}

/** Keeps each optional feature with one chance, itself drawn from 0 to 1. */
export function randomKept(random: Random): Kept {
  const chance = random()
  return new Set(OPTIONAL.filter(() => random() < chance))
}

/** The person as if only `kept` of the optional features had been measured. */
export function masked(values: Record<string, number | string>, kept: Kept) {
  const dropped = new Set<string>(OPTIONAL.filter((feature) => !kept.has(feature)))
  return Object.fromEntries(Object.entries(values).filter(([feature]) => !dropped.has(feature)))
}
