import { payloadOf } from '../errors/payload-of.js'
import type { Caller } from '../transport/caller.js'
import type { PageOptions } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'
import {
  type AccountsOptions,
  accounts,
  historyOf,
  readAccount,
  transactionsOf,
} from './accounts.js'
import {
  type Acted,
  type ActionsOptions,
  actions,
  disableMutation,
  enableMutation,
  grantMutation,
  withdrawMutation,
} from './actions.js'
import { type PriceOrder, priceChanges, setPrice } from './prices.js'
import { modelVersions, promote, rollBack } from './versions.js'

/** What only admins may: all of it throws RequestError FORBIDDEN for others. */
export class Admin {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Everybody's accounts, newest first, a page at a time as they are read. */
  users = (options?: AccountsOptions) => accounts(this.#caller, options)

  /** One account with its wallet; null = none. */
  user = (id: string, options?: ReadOptions) => readAccount(this.#caller, id, options)

  /** A user's movements of credits, newest first. */
  transactions = (id: string, options?: PageOptions) => transactionsOf(this.#caller, id, options)

  /** A user's predictions, newest first. */
  history = (id: string, options?: PageOptions) => historyOf(this.#caller, id, options)

  /** What admins did, newest first. */
  actions = (options?: ActionsOptions) => actions(this.#caller, options)

  /**
   * Signs a user out everywhere at once, and in nowhere.
   *
   * @throws InvalidInputError, NotFoundError, LastAdminError
   */
  disable = (user: string, reason: string, options?: ReadOptions) =>
    this.#act(disableMutation, user, reason, options)

  /**
   * Lets a disabled user log in again.
   *
   * @throws InvalidInputError, NotFoundError
   */
  enable = (user: string, reason: string, options?: ReadOptions) =>
    this.#act(enableMutation, user, reason, options)

  /**
   * Makes a user an admin, who is neither a client nor a manager.
   *
   * @throws InvalidInputError, NotFoundError, RoleConflictError
   */
  grantAdmin = (user: string, reason: string, options?: ReadOptions) =>
    this.#act(grantMutation, user, reason, options)

  /**
   * Takes the role away, and signs the user out everywhere.
   *
   * @throws InvalidInputError, NotFoundError, LastAdminError
   */
  withdrawAdmin = (user: string, reason: string, options?: ReadOptions) =>
    this.#act(withdrawMutation, user, reason, options)

  /** The versions of a model, newest first: how they stand, and how they compared as shadows. */
  modelVersions = (model: string, options?: ReadOptions) =>
    modelVersions(this.#caller, model, options)

  /**
   * Puts a version on sale, on all servers at once.
   *
   * @throws InvalidInputError, NotFoundError, VersionNotInstalledError
   */
  promoteModel = (model: string, version: string, reason: string, options?: ReadOptions) =>
    promote(this.#caller, { model, version, reason }, options)

  /**
   * Puts the version on sale again that was before.
   *
   * @throws InvalidInputError, NotFoundError, VersionNotInstalledError, NothingToRollBackError
   */
  rollBackModel = (model: string, reason: string, options?: ReadOptions) =>
    rollBack(this.#caller, { model, reason }, options)

  /**
   * Has a variant cost so much, in all its versions and on all servers; `price` null = what its card
   * says. Answers what was written down; null = it was so already.
   *
   * @throws InvalidInputError, NotFoundError
   */
  setPrice = (order: PriceOrder, options?: ReadOptions) => setPrice(this.#caller, order, options)

  /** Who changed the prices of a model's variants, and why, newest first. */
  priceChanges = (model: string, options?: PageOptions) =>
    priceChanges(this.#caller, model, options)

  /** Over HTTP: who acts on himself has no socket any more for the answer. */
  async #act(
    mutation:
      | typeof disableMutation
      | typeof enableMutation
      | typeof grantMutation
      | typeof withdrawMutation,
    user: string,
    reason: string,
    options?: ReadOptions,
  ): Promise<Acted> {
    const how = { ...options, transport: 'http' } as const
    return payloadOf((await this.#caller.call(mutation, { user, reason }, how)).result)
  }
}
