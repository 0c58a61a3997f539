import { cardSchema } from '@presage/models/card/card-schema'
import type { Catalogue, InstalledModel } from '@presage/models/card/load-catalogue'

const HASH = 'a'.repeat(64)

/** The prices of the test model's variants, in credits, by the variants' names. */
export const PRICES = { free: 0, one: 1, three: 3, seven: 7, hundred: 100 } as const

/** A variant of the test model. */
export type TestVariant = keyof typeof PRICES

/** The test model of health data. */
export const PULSE = { name: 'pulse', consentVersion: 2 } as const

/**
 * A catalogue of two models that nobody computes: a number in, and variants of many prices. `toll` is
 * for anybody; `pulse` handles health data.
 */
export function testCatalogue(): Catalogue {
  const healthData = {
    consentVersion: PULSE.consentVersion,
    consentText: 'My pulse may be counted.',
  }
  const cards = [card, { ...card, name: PULSE.name, title: 'Pulse', healthData }]
  const models: InstalledModel[] = cards.map((each) => ({ card: cardSchema.parse(each), dir: '' }))
  const model = (name: string) => models.find((each) => each.card.name === name)
  return {
    models,
    installed: models,
    model,
    version: (name, version) => {
      const found = model(name)
      return found?.card.version === version ? found : undefined
    },
  }
}

const card = {
  name: 'toll',
  title: 'Toll',
  version: '1.0.0',
  task: 'regression',
  summary: 'A model for tests of money',
  intendedUse: 'Tests',
  limits: ['Means nothing'],
  output: { title: 'Result', unit: 'years' },
  golden: 'golden.ndjson',
  features: [
    { name: 'n', title: 'N', type: 'int', required: true, min: 0, max: 1_000_000, example: 1 },
  ],
  variants: Object.entries(PRICES).map(([name, price]) => ({
    name,
    title: name,
    summary: name,
    price,
    runtime: 'linear',
    artifact: 'toll.json',
    sha256: HASH,
    explanation: { method: 'none', unit: 'years', baseline: 'none' },
  })),
  trainingData: {
    source: 'Invented',
    licence: 'None needed',
    citation: 'None',
    rows: 1,
    selection: 'All',
    sha256: HASH,
  },
}
