import type { Variant } from '@presage/models/card/card-schema'
import { byName, type Catalogue, type InstalledModel } from '@presage/models/card/load-catalogue'
import type { VersionState } from '@presage/prisma/generated/client/client'

/** How one version of a model stands. */
export interface StandingVersion {
  model: string
  version: string
  state: VersionState
}

/** What a variant costs in place of its card's price, in credits. */
export interface StandingPrice {
  model: string
  variant: string
  price: number
}

/** What is sold, and for what, at one moment. */
export interface Sale {
  versions: readonly StandingVersion[]
  /** Of variants that do not cost what their card says. */
  prices: readonly StandingPrice[]
}

const keyOf = (model: string, part: string) => `${model}@${part}`

/**
 * The installed models as they are sold: `models` and `model` are what is on sale by the database's
 * last word, kept in memory with its prices. Until that was heard it is the newest of each, at its
 * card's price, as in a new database.
 */
export class SaleCatalogue implements Catalogue {
  readonly installed: readonly InstalledModel[]
  readonly #folder: Catalogue
  readonly #onSale: Map<string, InstalledModel>
  #states: ReadonlyMap<string, VersionState> = new Map()
  #prices: ReadonlyMap<string, number> = new Map()
  #shadows: ReadonlyMap<string, readonly InstalledModel[]> = new Map()
  #models: readonly InstalledModel[]
  #turns = 0
  #heard = 0

  constructor(folder: Catalogue) {
    this.#folder = folder
    this.installed = folder.installed
    this.#models = folder.models
    this.#onSale = new Map(folder.models.map((model) => [model.card.name, model]))
  }

  get models(): readonly InstalledModel[] {
    return this.#models
  }

  model(name: string): InstalledModel | undefined {
    return this.#onSale.get(name)
  }

  version(name: string, version: string): InstalledModel | undefined {
    return this.#folder.version(name, version)
  }

  /** The version, if a caller may ask for it by name: it is or has been on sale, and is installed. */
  pinnable(name: string, version: string): InstalledModel | undefined {
    const isShadow = this.#states.get(keyOf(name, version)) === 'SHADOW'
    return isShadow ? undefined : this.version(name, version)
  }

  /** Whether the version has been on sale, and its folder is not there any more. */
  isGone(name: string, version: string): boolean {
    const state = this.#states.get(keyOf(name, version))
    return state !== undefined && state !== 'SHADOW' && !this.version(name, version)
  }

  /** The versions of a model that are tried beside the one on sale. */
  shadows(name: string): readonly InstalledModel[] {
    return this.#shadows.get(name) ?? []
  }

  /** What a variant costs, in credits, whatever version runs. */
  price(model: string, variant: Pick<Variant, 'name' | 'price'>): number {
    return this.#prices.get(keyOf(model, variant.name)) ?? variant.price
  }

  /** To be taken before how versions stand is read: what was read before is no news after. */
  nextTurn(): number {
    this.#turns += 1
    return this.#turns
  }

  /**
   * Takes over how versions stand and what they cost, unless what was read later has been heard.
   *
   * @returns what is on sale and not installed here, in whose place the one before is still sold.
   */
  hear({ versions, prices }: Sale, turn = this.nextTurn()): string[] {
    if (turn < this.#heard) return []
    this.#heard = turn
    const missing: string[] = []
    for (const { model, version, state } of versions) {
      if (state !== 'ON_SALE') continue
      const installed = this.version(model, version)
      if (installed) this.#onSale.set(model, installed)
      else missing.push(keyOf(model, version))
    }
    this.#states = new Map(
      versions.map(({ model, version, state }) => [keyOf(model, version), state]),
    )
    this.#prices = new Map(
      prices.map(({ model, variant, price }) => [keyOf(model, variant), price]),
    )
    this.#models = [...this.#onSale.values()]
    const isShadow = ({ card }: InstalledModel) =>
      this.#states.get(keyOf(card.name, card.version)) === 'SHADOW'
    this.#shadows = byName(this.installed.filter(isShadow))
    return missing
  }
}
