import type { Client } from '@urql/core'
import { ApiKeys } from './account/api-keys.js'
import { Totp } from './account/totp.js'
import { Admin } from './admin/admin.js'
import { Operations } from './admin/operations.js'
import { bulks } from './bulk/bulks.js'
import { readModel, readModels } from './catalogue/models.js'
import { readSupport, type SupportOptions } from './catalogue/support.js'
import { Consents } from './consents/consents.js'
import { Desk } from './desk/desk.js'
import { PresageError } from './errors/presage-error.js'
import { download, type Linked } from './files/download.js'
import { gallery } from './files/gallery.js'
import { type ImagesOptions, images } from './files/images.js'
import { type FileData, uploadImage } from './files/upload-image.js'
import { cancel } from './predictions/cancel.js'
import { type CounterfactualTarget, counterfactual } from './predictions/counterfactual.js'
import { Drafts } from './predictions/drafts.js'
import { type HistoryOptions, history } from './predictions/history.js'
import { type PredictInput, type PredictOptions, predict } from './predictions/predict.js'
import { readPrediction } from './predictions/prediction.js'
import { type QuoteOptions, quote } from './predictions/quote.js'
import { replay } from './predictions/replay.js'
import { type RunOptions, run } from './predictions/run.js'
import { whatIf } from './predictions/what-if.js'
import type { PresageOptions } from './presage-options.js'
import { type DeleteAccountOptions, deleteAccount } from './privacy/delete-account.js'
import { exportAccount } from './privacy/export-account.js'
import { changePassword, type PasswordChange } from './session/change-password.js'
import { type Credentials, type LogIn, logIn, logOut, register } from './session/credentials.js'
import { Sessions } from './session/sessions.js'
import type { Tokens } from './session/token-store.js'
import { type EventsOptions, subscribeEvents } from './subscribe/subscribe-events.js'
import { subscribePrediction } from './subscribe/subscribe-prediction.js'
import { subscribeWallet } from './subscribe/subscribe-wallet.js'
import type { CallOptions } from './transport/caller.js'
import type { Document } from './transport/operation.js'
import type { PageOptions } from './transport/pages.js'
import type { ReadOptions } from './transport/read-options.js'
import { urqlClient } from './urql/urql-client.js'
import { type TopUpOptions, topUp } from './wallet/top-up.js'
import { transactions } from './wallet/transactions.js'
import { readWallet } from './wallet/wallet.js'
import { wire } from './wire.js'

/** A client of one Presage for one user at a time. */
export type Presage<Input extends object = PredictInput> = ReturnType<typeof createPresage<Input>>

/**
 * Opens nothing yet: connections are made when they are needed.
 *
 * @typeParam Input - what the server's models take: the shipped ones, or the `PredictInput` that
 * `presage-types` wrote for a server with models of its own.
 */
export function createPresage<Input extends object = PredictInput>(options: PresageOptions) {
  const sent = (input: Input) => input as object as PredictInput
  const parts = wire(options)
  const { http, caller, session, streams, socket, feed } = parts
  const delivery = options.delivery ?? 'BODY'
  const needSession = () => {
    if (options.apiKey)
      throw new PresageError('API_KEY_CLIENT', 'This client speaks by its API key: make another.')
  }
  const begin = async <Start extends Tokens>(start: Start): Promise<Start> => {
    const { accessToken, accessTokenExpiresAt, refreshToken } = start
    await session.set({ accessToken, accessTokenExpiresAt, refreshToken })
    return start
  }
  let urql: Client | undefined

  return {
    /** Opens an account and begins its session. */
    register: async (credentials: Credentials, how?: ReadOptions) => {
      needSession()
      return begin(await register(caller, credentials, delivery, how))
    },

    /** Begins a session. */
    logIn: async (credentials: LogIn, how?: ReadOptions) => {
      needSession()
      return begin(await logIn(caller, credentials, delivery, how))
    },

    /** Ends the session, here in any case. */
    logOut: async (how?: ReadOptions) => {
      needSession()
      return logOut(caller, how).finally(() => session.set(null))
    },

    /** Replaces the password and ends all other sessions; says how many those were. */
    changePassword: (change: PasswordChange, how?: ReadOptions) =>
      changePassword(caller, change, how),

    /** The sessions on all devices of the caller. */
    sessions: new Sessions(caller, () => session.set(null)),

    /** Goes on with a session that was begun elsewhere; null = signs out, here only. */
    setTokens: async (tokens: Tokens | null) => {
      needSession()
      await session.set(tokens)
    },

    /** The user's second factor. */
    totp: new Totp(caller),

    /** Keys by which programs speak for this user. */
    apiKeys: new ApiKeys(caller),

    /** What the user agrees to, for models of health data. */
    consents: new Consents(caller),

    /** The access token, renewed if need be; null = signed out. */
    accessToken: async () => session.accessToken(),

    /** Pays for and queues one prediction; finished with `waitMs` when it is quick. */
    predict: (input: Input, how?: PredictOptions) => predict(caller, sent(input), how),

    /** Pays for, queues and follows one prediction: each of its states until it has ended. */
    run: (input: Input, how?: RunOptions) => run(caller, feed, sent(input), parts.along(how)),

    /** What a prediction would cost. */
    quote: (input: Input, how?: QuoteOptions) => quote(caller, sent(input), how),

    /** Many predictions at a time. */
    bulk: bulks<Input>(caller, streams),

    /** Sends a picture, of which predictions can be made by its `id` until it expires. */
    uploadImage: (file: FileData, how?: ReadOptions) => uploadImage(caller, file, how),

    /** Has a picture made of each of many photos, and tells how each gets on. */
    images: (files: readonly FileData[], how?: ImagesOptions) =>
      images({ caller, streams }, files, how),

    /** The picture behind an output, or an original of the gallery. */
    download: (picture: Linked, how?: ReadOptions) => download(http, picture, how),

    /** The uploaded pictures with what was made of them, newest first, a page at a time. */
    gallery: (how?: PageOptions) => gallery(caller, how),

    /** Input that is kept and paid for later. */
    drafts: new Drafts<Input>(caller),

    /** Ends a prediction that has not ended; what it held is available again. */
    cancel: (id: string, how?: ReadOptions) => cancel(caller, id, how),
    whatIf: (input: Input, how?: ReadOptions) => whatIf(caller, sent(input), how),
    counterfactual: (id: string, target: CounterfactualTarget, how?: ReadOptions) =>
      counterfactual(caller, id, target, how),
    replay: (id: string, how?: ReadOptions) => replay(caller, id, how),

    /** One prediction; null = there is none with this id, or it is another's. */
    prediction: (id: string, how?: ReadOptions) => readPrediction(caller, id, how),

    /** All predictions, newest first, a page at a time as they are read. */
    history: (how?: HistoryOptions) => history(caller, how),

    /** The wallet as it is now. */
    wallet: (how?: ReadOptions) => readWallet(caller, how),

    /** The wallet's movements, newest first, a page at a time as they are read. */
    transactions: (how?: PageOptions) => transactions(caller, how),

    /** Buys credits from the test provider, where the installation has one. */
    topUp: (amount: number, how?: TopUpOptions) => topUp(caller, amount, how),

    /** Deletes the account and erases all that was ever sent or computed, for ever. */
    deleteAccount: async (password: string, how?: DeleteAccountOptions) => {
      const deleted = await deleteAccount(caller, password, how)
      await session.set(null)
      return deleted
    },

    /** All that is kept about the caller, one record after the other. */
    exportAccount: (how?: ReadOptions) => exportAccount(streams, how),

    /** The credit desk, as far as the caller's role goes. */
    desk: new Desk(caller, http, streams),

    /** What only admins may. */
    admin: new Admin(caller),

    /** The models on sale. */
    models: (how?: ReadOptions) => readModels(caller, how),

    /** One model by its name; null = not on sale. */
    model: (name: string, how?: ReadOptions) => readModel(caller, name, how),

    /** What stands beside a model, free of charge, such as help lines; null = nothing does. */
    support: (model: string, how?: SupportOptions) => readSupport(caller, model, how),

    /** Live results, each going on by itself after a cut; `return()` or the signal ends them. */
    subscribe: {
      /** A prediction now, then after each change, until it has ended. */
      prediction: (id: string, how?: ReadOptions) => subscribePrediction(streams, id, how),
      /** The wallet now, then after each change. */
      wallet: (how?: ReadOptions) => subscribeWallet(streams, how),
      /** The log of all that concerns the caller, from a cursor or from now on. */
      events: (how?: EventsOptions) => subscribeEvents(streams, how),
    },

    /** How the service does, for admins. */
    operations: new Operations(caller, streams),

    /** Any other document, typed by `graphql` of this package or by a generator. */
    request: <Result, Variables>(
      document: Document<Result, Variables>,
      variables: Variables,
      how?: CallOptions,
    ) => caller.call(document, variables, how),

    /** An urql client on the same session and connections, for bindings to user interfaces. */
    get urql(): Client {
      urql ??= urqlClient(options.url, caller, streams, options.exchanges)
      return urql
    },

    /** Closes all connections; what is under way fails. */
    close: () => {
      const error = new PresageError('CLOSED', 'The client was closed.')
      streams.failAll(error)
      feed.close()
      socket?.drop(error)
    },
  }
}
