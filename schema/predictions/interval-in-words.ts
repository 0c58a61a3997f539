import type { RegressionOutput } from '@presage/messages/output'
import type { Variant } from '@presage/models/card/card-schema'

/**
 * An answer's interval in the words of its card; null when the variant states none. The ends are
 * rounded inwards: who is aged 37.6 to 71.3 has completed 38 to 71 years, and as many were measured.
 */
export function intervalInWords(
  stated: Variant['interval'],
  { low, high }: Pick<RegressionOutput, 'low' | 'high'>,
): string | null {
  if (!stated || low === null || high === null) return null
  const one = 10 ** stated.decimals
  const written = (end: number) => (end / one).toFixed(stated.decimals)
  return stated.meaning
    .replace('{low}', written(Math.ceil(low * one)))
    .replace('{high}', written(Math.floor(high * one)))
}
