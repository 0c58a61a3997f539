import type { Encoding } from '@presage/models/encoding/encoding'
import type { Attribution, Explained } from '../runtime.js'
import { answer, type LoadedNetwork } from './answer.js'
import { integratedGradients } from './integrated-gradients.js'

/** A row to explain beside what the network saw of it. */
export interface EncodedRow extends Explained {
  encoded: Float32Array
}

/** The mean of every value that was sent, halfway between choices; what is missing stays so. */
const baselineOf = (encoding: Encoding, row: Float32Array) =>
  row.map((value, index) => (index < encoding.length ? 0 : value))

/** A feature of several columns, such as a choice of many, has the sum of their shares. */
function sharesByFeature({ encoding, output }: LoadedNetwork, shares: Float64Array) {
  const byFeature = new Map<string, number>()
  encoding.forEach(({ feature }, index) => {
    const share = output.scale * Number(shares[index])
    byFeature.set(feature, (byFeature.get(feature) ?? 0) + share)
  })
  return byFeature
}

function attributeRow(
  network: LoadedNetwork,
  { values, value }: Explained,
  shares: Float64Array,
  baseline: number,
): Attribution {
  const sent = [...sharesByFeature(network, shares)].flatMap(([feature, contribution]) => {
    const measured = values[feature]
    return measured === undefined ? [] : [{ feature, value: measured, contribution }]
  })
  const total = sent.reduce((sum, { contribution }) => sum + contribution, 0)
  const size = sent.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0)
  const left = size === 0 ? 0 : (value - baseline - total) / size
  const contributions = sent.map((each) => ({
    ...each,
    contribution: each.contribution + left * Math.abs(each.contribution),
  }))
  return { baseline, contributions }
}

/**
 * Explains rows together by integrated gradients, from {@link baselineOf} the row. Indicators of
 * what is missing do not change on the way, so a feature that was not sent has no share. What
 * the quadrature left over is spread by the size of the shares: the sum is exact to rounding.
 */
export function attribute(network: LoadedNetwork, explained: readonly EncodedRow[]): Attribution[] {
  if (explained.length === 0) return []
  const rows = explained.map(({ encoded }) => encoded)
  const baselines = rows.map((row) => baselineOf(network.encoding, row))
  const shares = integratedGradients(network.net, rows, baselines)
  const atBaseline = answer(network, baselines)
  return explained.map((each, index) =>
    attributeRow(
      network,
      each,
      shares[index] ?? new Float64Array(each.encoded.length),
      Number(atBaseline[index]),
    ),
  )
}
