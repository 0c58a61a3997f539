import { cardSchema } from '@presage/models/card/card-schema'
import type { Catalogue, InstalledModel } from '@presage/models/card/load-catalogue'
import { sampleCard } from '@presage/models/card/sample-card'
import { expect, it } from 'vitest'
import { type Sale, SaleCatalogue, type StandingVersion } from './sale-catalogue.js'

const installed = ['1.0.0', '1.1.0', '1.2.0'].map(
  (version): InstalledModel => ({ card: cardSchema.parse({ ...sampleCard(), version }), dir: '' }),
)
const folder: Catalogue = {
  models: installed.slice(-1),
  installed,
  model: () => installed.at(-1),
  version: (_name, version) => installed.find(({ card }) => card.version === version),
}

const standing = (...states: StandingVersion['state'][]): Sale => ({
  versions: states.map((state, index) => ({ model: 'sample', version: `1.${index}.0`, state })),
  prices: [],
})

const sold = (catalogue: SaleCatalogue) => catalogue.model('sample')?.card.version

it('sells the newest until it hears otherwise', () => {
  const catalogue = new SaleCatalogue(folder)
  expect(sold(catalogue)).toBe('1.2.0')
  expect(catalogue.hear(standing('RETIRED', 'ON_SALE', 'SHADOW'))).toEqual([])
  expect(sold(catalogue)).toBe('1.1.0')
  expect(catalogue.models).toEqual([installed[1]])
  expect(catalogue.shadows('sample')).toEqual([installed[2]])
  const pinnable = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'].map((version) =>
    Boolean(catalogue.pinnable('sample', version)),
  )
  expect(pinnable).toEqual([true, true, false, false])
})

it('goes on selling what it has when another version is promoted elsewhere', () => {
  const catalogue = new SaleCatalogue(folder)
  catalogue.hear(standing('ON_SALE'))
  expect(catalogue.hear(standing('RETIRED', 'RETIRED', 'RETIRED', 'ON_SALE'))).toEqual([
    'sample@1.3.0',
  ])
  expect(sold(catalogue)).toBe('1.0.0')
  const gone = ['1.0.0', '1.3.0', '1.4.0'].map((version) => catalogue.isGone('sample', version))
  expect(gone).toEqual([false, true, false])
})

it('takes no older reading for news', () => {
  const catalogue = new SaleCatalogue(folder)
  const [first, second] = [catalogue.nextTurn(), catalogue.nextTurn()]
  catalogue.hear(standing('RETIRED', 'ON_SALE'), second)
  catalogue.hear(standing('ON_SALE', 'SHADOW'), first)
  expect(sold(catalogue)).toBe('1.1.0')
})

it('sells every version of a variant at the price it heard, and at its card’s without one', () => {
  const catalogue = new SaleCatalogue(folder)
  const pricesOf = () =>
    installed.map(({ card }) => card.variants.map((each) => catalogue.price('sample', each)))
  expect(pricesOf()).toEqual(installed.map(() => [1, 2]))
  const { versions } = standing('RETIRED', 'ON_SALE')
  const [first] = installed[0]?.card.variants ?? []
  const dear = { model: 'sample', variant: first?.name ?? '', price: 7 }
  const turn = catalogue.nextTurn()
  catalogue.hear({ versions, prices: [dear, { ...dear, model: 'other', price: 9 }] })
  expect(pricesOf()).toEqual(installed.map(() => [7, 2]))
  catalogue.hear({ versions, prices: [] }, turn)
  expect(pricesOf()).toEqual(installed.map(() => [7, 2]))
  catalogue.hear({ versions, prices: [{ ...dear, price: 0 }] })
  expect(pricesOf()).toEqual(installed.map(() => [0, 2]))
  catalogue.hear({ versions, prices: [] })
  expect(pricesOf()).toEqual(installed.map(() => [1, 2]))
})
