import type { Measure } from '@presage/messages/output'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'

type CardMeasure = ModelCard['measures'][number]

const rounded = (value: number, decimals: number | undefined) =>
  decimals === undefined ? value : Math.round(value * 10 ** decimals) / 10 ** decimals

/** The figures that a variant reports and that could be computed, as the card names them. */
export function cardMeasures(
  measures: readonly CardMeasure[],
  variant: Variant,
  computed: Readonly<Record<string, number | undefined>>,
  ofProbability: Readonly<Record<string, number>> = {},
): Measure[] {
  return measures.flatMap(({ name, title, unit, of, decimals }) => {
    if (!variant.measures.includes(name)) return []
    const figure = of ? ofProbability[of] : computed[name]
    return figure === undefined ? [] : [{ name, title, value: rounded(figure, decimals), unit }]
  })
}
