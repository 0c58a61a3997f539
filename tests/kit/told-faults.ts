import type { Told } from './money-stage.js'

/** Refusals that money and the course of things explain. */
const EXPLAINED = new Set(['INSUFFICIENT_FUNDS', 'SPENDING_CAP', 'BULK_REFUSED', 'CONFLICT'])

/**
 * What is wrong with the answers to calls that share keys: each key makes one thing, once, of one
 * input; the same input is told the same, another is refused; no refusal binds a key.
 */
export function toldFaults(told: readonly Told[]): string[] {
  const keys = new Set(told.map(({ key }) => key))
  return [...keys].flatMap((key) =>
    keyFaults(told.filter((call) => call.key === key)).map((fault) => `${key}: ${fault}`),
  )
}

function keyFaults(calls: readonly Told[]): string[] {
  const accepted = calls.flatMap(({ input, answer }) =>
    'made' in answer ? [{ input, ...answer }] : [],
  )
  const refused = calls.flatMap(({ input, answer }) =>
    'code' in answer ? [{ input, ...answer }] : [],
  )
  const inputs = new Set(accepted.map(({ input }) => input))
  const first = accepted.filter(({ replayed }) => !replayed)
  const faults: string[] = []
  if (inputs.size > 1) faults.push(`bound to ${inputs.size} inputs`)
  if (new Set(accepted.map(({ made }) => made)).size > 1) faults.push('made different things')
  if (accepted.length > 0 && first.length !== 1) faults.push(`accepted ${first.length} times`)
  for (const { code, input } of refused) {
    if (code === 'IDEMPOTENCY_CONFLICT' && accepted.length > 0 && !inputs.has(input)) continue
    if (!EXPLAINED.has(code)) faults.push(`${input} was refused with ${code}`)
  }
  return faults
}
