import type { Catalogue } from '@presage/models/card/load-catalogue'
import type { GraphQLSchema } from 'graphql'
import { builder } from './builder.js'
import './bulks/cancel-bulk.js'
import './bulks/predict-many.js'
import './admin/act-on-user.js'
import './admin/admin-action.js'
import './admin/user.js'
import './catalogue/change-sale.js'
import './catalogue/model.js'
import './catalogue/model-version.js'
import './catalogue/set-price.js'
import './consents/consents.js'
import './desk/alerts.js'
import './desk/ask-score.js'
import './desk/balance-portfolios.js'
import './desk/create-client.js'
import './desk/decide.js'
import './desk/decline-letter.js'
import './desk/desk.js'
import './desk/edit-client.js'
import './desk/edit-manager.js'
import './desk/errors.js'
import './desk/live.js'
import './desk/import-people.js'
import './desk/open-credit-line.js'
import './desk/outcome.js'
import './desk/policy-history.js'
import './desk/policy.js'
import './desk/record-payment.js'
import './desk/rescore.js'
import './desk/runs.js'
import './desk/score-diff.js'
import './desk/staff.js'
import './desk/trail.js'
import './desk/what-would-help.js'
import './events/events.js'
import './identity/api-keys.js'
import './identity/change-password.js'
import './identity/session.js'
import './identity/set-spending-caps.js'
import './identity/sessions.js'
import './identity/totp.js'
import './identity/viewer.js'
import './operations/admin-operations.js'
import './operations/poisoned-predictions.js'
import './predictions/cancel-prediction.js'
import './predictions/counterfactual.js'
import './predictions/drafts.js'
import './predictions/predict.js'
import './predictions/quote.js'
import './predictions/replay.js'
import './predictions/what-if.js'
import './predictions/read-predictions.js'
import './privacy/account-export.js'
import './privacy/delete-account.js'
import './uploads/upload-image.js'
import './wallet/ledger-health.js'
import './wallet/move-credits.js'
import './wallet/wallet.js'
import { implementPredictInput } from './predictions/predict-input.js'

let built: { catalogue: Catalogue; schema: GraphQLSchema } | null = null

/**
 * The executable schema of a catalogue. A process has one catalogue, and so one schema.
 *
 * @throws NameCollisionError
 */
export function buildSchema(catalogue: Catalogue): GraphQLSchema {
  if (built && built.catalogue !== catalogue)
    throw new Error('this process has built its schema from another catalogue')
  if (!built) {
    implementPredictInput(catalogue)
    built = { catalogue, schema: builder.toSchema() }
  }
  return built.schema
}
