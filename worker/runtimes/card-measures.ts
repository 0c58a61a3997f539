import type { Measure } from '@presage/messages/output'
import type { Variant } from '@presage/models/card/card-schema'
import type { CardMeasure } from '@presage/models/card/measure-schema'
import { inWords } from './probability.js'

const rounded = (value: number, decimals: number | undefined) =>
  decimals === undefined ? value : Math.round(value * 10 ** decimals) / 10 ** decimals

/** The figures that a variant reports and that could be computed, as the card names them. */
export function cardMeasures(
  measures: readonly CardMeasure[],
  variant: Variant,
  computed: Readonly<Record<string, number | undefined>>,
  ofProbability: Readonly<Record<string, number>> = {},
): Measure[] {
  return measures.flatMap(({ name, title, unit, of, decimals, meaning }) => {
    if (!variant.measures.includes(name)) return []
    const figure = of ? ofProbability[of] : computed[name]
    if (figure === undefined) return []
    const words = meaning === undefined ? {} : { meaning: inWords(meaning, figure) }
    return [{ name, title, value: rounded(figure, decimals), unit, ...words }]
  })
}
