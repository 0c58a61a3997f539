import type { PredictInput } from '@presage/client'
import { type GoldenRow, readGolden } from '@presage/models/card/golden'
import { loadCatalogue } from '@presage/models/card/load-catalogue'

/** A request as the API takes it, its price, and what has to come out. */
export interface GoldenItem {
  input: PredictInput
  price: number
  golden: GoldenRow
}

/** The first golden row of each variant of these models that are shipped, in the cards' order. */
export async function goldenItems(...names: string[]): Promise<GoldenItem[]> {
  const { models } = await loadCatalogue()
  const chosen = models.filter(({ card }) => names.includes(card.name))
  const items = chosen.map(async (model) => {
    const rows = await readGolden(model)
    return model.card.variants.map(({ name, price }): GoldenItem => {
      const golden = rows.find(({ variant }) => variant === name)
      if (!golden) throw new Error(`${model.card.name} has no golden row of ${name}`)
      return { input: inputOf(model.card.name, golden), price, golden }
    })
  })
  return (await Promise.all(items)).flat()
}

/** Cards name choices in lower case, and GraphQL in upper. */
const choice = (value: unknown) => (typeof value === 'string' ? value.toUpperCase() : value)

function inputOf(model: string, { variant, input }: GoldenRow): PredictInput {
  const field = model.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const features = Object.entries(input).map(([name, value]) => [name, choice(value)])
  return {
    [field]: { variant: variant.toUpperCase(), features: Object.fromEntries(features) },
  } as unknown as PredictInput
}
