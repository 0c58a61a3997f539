import type { VariablesOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import type { FileData } from '../files/upload-image.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import type { Http } from '../transport/http.js'
import type { PageOptions } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'
import { DeskAlerts } from './alerts.js'
import { type ClientsOptions, clientCard, clients, ownCard } from './client.js'
import { DeskDecisions } from './decisions.js'
import {
  addNoteMutation,
  askScoreMutation,
  assignClientsMutation,
  balancePortfoliosMutation,
  createClientMutation,
  createManagerMutation,
  dismissManagerMutation,
  editClientMutation,
  editManagerMutation,
  openCreditLineMutation,
  recordPaymentMutation,
} from './documents.js'
import { calibration, scoreDiff } from './figures.js'
import {
  exportClients,
  type ImportOptions,
  importClients,
  importCreditLines,
  importManagers,
} from './files.js'
import { watchClient, watchPortfolio } from './live.js'
import { changePolicy, type PolicyChange, policyHistory } from './policy.js'
import { DeskRuns } from './runs.js'
import { topUpDesk } from './top-up-desk.js'

type Edit = VariablesOf<typeof editClientMutation>['input']
type Payment = VariablesOf<typeof recordPaymentMutation>['input']
type NewClient = VariablesOf<typeof createClientMutation>['input']
type NewManager = VariablesOf<typeof createManagerMutation>['input']
type ManagerEdit = VariablesOf<typeof editManagerMutation>['input']
type Terms = VariablesOf<typeof openCreditLineMutation>['terms']

/** How a score is asked for: with a key of one's own a repetition is not paid again. */
export interface AskScoreOptions extends ReadOptions {
  idempotencyKey?: string
  /** How long to wait for it, 0 to 30,000; 10 s by default. */
  waitMs?: number
}

/** The credit desk, as far as the caller's role goes. */
export class Desk {
  readonly #caller: Caller
  readonly #http: Http
  readonly #streams: Streams

  /** Rescorings of many clients. */
  readonly runs: DeskRuns
  /** What follows from scores. */
  readonly decisions: DeskDecisions
  /** Clients who moved to another band. */
  readonly alerts: DeskAlerts

  constructor(caller: Caller, http: Http, streams: Streams) {
    this.#caller = caller
    this.#http = http
    this.#streams = streams
    this.runs = new DeskRuns(caller, streams)
    this.decisions = new DeskDecisions(caller)
    this.alerts = new DeskAlerts(caller, streams)
  }

  /** The caller's own card; null = they are no client. */
  me = (options?: ReadOptions) => ownCard(this.#caller, options)

  /** A client's card; null = there is none for the caller. */
  client = (id: string, options?: ReadOptions) => clientCard(this.#caller, id, options)

  /** A manager's own clients, an admin's all, a page at a time as they are read. */
  clients = (options?: ClientsOptions) => clients(this.#caller, options)

  /** A client now, then as their record and scores change. */
  watchClient = (id: string, options?: ReadOptions) => watchClient(this.#streams, id, options)

  /** The caller's clients, counted, now and as they change; for admins a manager's, null = all. */
  watchPortfolio = (manager: string | null = null, options?: ReadOptions) =>
    watchPortfolio(this.#streams, manager, options)

  /**
   * Why one score of a client is another than the other: the parts and the version's sum to it.
   *
   * @throws NotFoundError, InvalidInputError, ScoreErasedError, RateLimitedError
   */
  scoreDiff = (a: string, b: string, options?: ReadOptions) =>
    scoreDiff(this.#caller, a, b, options)

  /** A version's figures over scores whose outcome is known. */
  calibration = (version: string, options?: ReadOptions) =>
    calibration(this.#caller, version, options)

  /**
   * Asks for a new score, paid by whom the desk's policy names.
   *
   * @throws NotFoundError, NothingToScoreError, InsufficientFundsError, InvalidInputError,
   * IdempotencyConflictError, RateLimitedError
   */
  askScore = async (
    client: string,
    { idempotencyKey = crypto.randomUUID(), waitMs = 10_000, ...options }: AskScoreOptions = {},
  ) => {
    const input = { client, idempotencyKey, waitMs }
    const how = { ...options, repeat: true }
    return payloadOf((await this.#caller.call(askScoreMutation, { input }, how)).result)
  }

  /**
   * Edits a client at the version that was seen; null clears a field.
   *
   * @throws StaleEditError, InvalidInputError, DeskForbiddenError, NotFoundError
   */
  edit = async (input: Edit, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(editClientMutation, { input }, options)).result)

  /**
   * Records a month of a client's history, once.
   *
   * @throws MonthTakenError, InvalidInputError, DeskForbiddenError, NotFoundError
   */
  recordPayment = async (input: Payment, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(recordPaymentMutation, { input }, options)).result)

  /**
   * Adds a note for the desk's people.
   *
   * @throws InvalidInputError, DeskForbiddenError, NotFoundError
   */
  addNote = async (client: string, text: string, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(addNoteMutation, { client, text }, options)).result)

  /**
   * Opens an account, or takes `existingAccount`, whose id its holder told, and makes it a client's.
   *
   * @throws InvalidInputError, EmailTakenError, NotFoundError, ManagerDismissedError, AlreadyThereError
   */
  createClient = async (input: NewClient, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(createClientMutation, { input }, options)).result)

  /**
   * Makes an account a manager's likewise.
   *
   * @throws InvalidInputError, EmailTakenError, NotFoundError, AlreadyThereError
   */
  createManager = async (input: NewManager, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(createManagerMutation, { input }, options)).result)

  /**
   * Edits a manager's name and phone, or as a manager one's own phone; a null phone clears it.
   *
   * @throws InvalidInputError, DeskForbiddenError, NotFoundError, ManagerDismissedError
   */
  editManager = async (input: ManagerEdit, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(editManagerMutation, { input }, options)).result)

  /**
   * Imports clients from a CSV file, all or none; a dry run writes nothing. It is not repeated by
   * itself after a cut: a dry run then tells whether it was written, as every e-mail has an account.
   *
   * @throws InvalidInputError when the file as a whole is none
   */
  importClients = (file: FileData, options: ImportOptions) =>
    importClients(this.#caller, file, options)

  /** Imports managers likewise. @throws InvalidInputError */
  importManagers = (file: FileData, options: ImportOptions) =>
    importManagers(this.#caller, file, options)

  /** Opens credit lines of clients who have none likewise, by their e-mails. @throws InvalidInputError */
  importCreditLines = (file: FileData, options: ImportOptions) =>
    importCreditLines(this.#caller, file, options)

  /**
   * The caller's clients as a CSV file, a manager's own and an admin's all.
   *
   * @throws DownloadError, RequestError
   */
  exportClients = (options?: ReadOptions) => exportClients(this.#caller, this.#http, options)

  /** @throws InvalidInputError, NotFoundError, AlreadyThereError */
  openCreditLine = async (client: string, terms: Terms, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(openCreditLineMutation, { client, terms }, options)).result)

  /**
   * Gives clients to a manager, null = to nobody: all or none.
   *
   * @throws InvalidInputError, NotFoundError, ManagerDismissedError
   */
  assign = async (ids: string[], manager: string | null, options?: ReadOptions) =>
    payloadOf(
      (await this.#caller.call(assignClientsMutation, { clients: ids, manager }, options)).result,
    )

  /**
   * Spreads nobody's clients evenly over managers, null = over all of them; with `all` their own too.
   *
   * @throws InvalidInputError, NotFoundError, ManagerDismissedError
   */
  balance = async (
    managers: string[] | null = null,
    { all = false, ...options }: ReadOptions & { all?: boolean } = {},
  ) => {
    const variables = { managers, all }
    return payloadOf(
      (await this.#caller.call(balancePortfoliosMutation, variables, options)).result,
    )
  }

  /**
   * Dismisses a manager; the clients move to the successor, null = to nobody.
   *
   * @throws InvalidInputError, NotFoundError, ManagerDismissedError
   */
  dismiss = async (manager: string, successor: string | null, options?: ReadOptions) =>
    payloadOf(
      (await this.#caller.call(dismissManagerMutation, { manager, successor }, options)).result,
    )

  /**
   * Grants credits to the wallet that pays where the desk does; for admins.
   *
   * @throws InvalidInputError, IdempotencyConflictError
   */
  topUp = async (
    amount: number,
    reason: string,
    {
      idempotencyKey = crypto.randomUUID(),
      ...options
    }: ReadOptions & { idempotencyKey?: string } = {},
  ) => topUpDesk(this.#caller, { amount, reason, idempotencyKey }, options)

  /** @throws InvalidInputError */
  changePolicy = (input: PolicyChange, options?: ReadOptions) =>
    changePolicy(this.#caller, input, options)

  /** Every version of the desk's rules, newest first, with who wrote it and why; for admins. */
  policyHistory = (options?: PageOptions) => policyHistory(this.#caller, options)
}
