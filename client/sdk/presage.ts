export type { ApiKey, ApiKeyScope, NewApiKey } from './account/api-keys.js'
export type { Model } from './catalogue/models.js'
export { createPresage, type Presage } from './create-presage.js'
export { ConnectionLostError, NetworkError } from './errors/network-error.js'
export { PresageError } from './errors/presage-error.js'
export * from './errors/refused-error.js'
export { RequestError } from './errors/request-error.js'
export { UnauthenticatedError } from './errors/unauthenticated-error.js'
export { graphql, type Json } from './graphql.js'
export type { Accepted, PredictInput, PredictOptions } from './predictions/predict.js'
export {
  isEnded,
  type PlacedPrediction,
  type Prediction,
  type PredictionStatus,
} from './predictions/prediction.js'
export type { Quote } from './predictions/quote.js'
export type { PresageOptions } from './presage-options.js'
export type { TokenStore, Tokens } from './session/token-store.js'
export type { Event, EventsOptions } from './subscribe/subscribe-events.js'
export type { WalletTransaction } from './wallet/transactions.js'
export type { Wallet } from './wallet/wallet.js'
