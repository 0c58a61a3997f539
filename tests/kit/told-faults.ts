import type { Told } from './money-stage.js'

/** Refusals that money and the course of things explain, unless the key was taken before. */
const EXPLAINED = new Set(['INSUFFICIENT_FUNDS', 'SPENDING_CAP', 'BULK_REFUSED', 'CONFLICT'])

/** A call, and its place among all answers. */
type Placed = Told & { place: number }

/**
 * What is wrong with the answers to calls that share keys: each key makes one thing, once, of one
 * input; the same input is told the same, another is refused; no refusal binds a key. A call that was
 * sent when an equal one had been accepted is answered like it, whatever became of the money.
 *
 * @param told in the order of the answers
 */
export function toldFaults(told: readonly Told[]): string[] {
  const placed = told.map((call, place) => ({ ...call, place }))
  const keys = new Set(told.map(({ key }) => key))
  return [...keys].flatMap((key) =>
    keyFaults(placed.filter((call) => call.key === key)).map((fault) => `${key}: ${fault}`),
  )
}

function keyFaults(calls: readonly Placed[]): string[] {
  const accepted = calls.flatMap(({ answer, ...call }) =>
    'made' in answer ? [{ ...call, ...answer }] : [],
  )
  const inputs = new Set(accepted.map(({ input }) => input))
  const first = accepted.filter(({ replayed }) => !replayed)
  const faults: string[] = []
  if (inputs.size > 1) faults.push(`bound to ${inputs.size} inputs`)
  if (new Set(accepted.map(({ made }) => made)).size > 1) faults.push('made different things')
  if (accepted.length > 0 && first.length !== 1) faults.push(`accepted ${first.length} times`)
  return [...faults, ...calls.flatMap((call) => refusalFaults(call, accepted))]
}

function refusalFaults(
  { input, sentAfter, answer }: Placed,
  accepted: readonly Omit<Placed, 'answer'>[],
) {
  if ('made' in answer) return []
  const { code } = answer
  const wasTaken = accepted.some(({ place }) => place < sentAfter)
  const isOther = accepted.length > 0 && accepted.every((call) => call.input !== input)
  if (code === 'IDEMPOTENCY_CONFLICT' && isOther) return []
  // A bulk is refused for its items before its key is looked up, unless they are those of the key.
  if (EXPLAINED.has(code) && (!wasTaken || (code === 'BULK_REFUSED' && isOther))) return []
  return [`${input} was refused with ${code}${wasTaken ? ' when the key was taken' : ''}`]
}
