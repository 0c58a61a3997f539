import type { BulkItem as BulkItemValue } from '@presage/domain/bulks/bulk-items'
import { refusalOf } from '@presage/domain/bulks/refusal'
import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { InvalidInputError, NotFoundError, RateLimitedError } from '@presage/domain/errors'
import { SpendingCapError } from '@presage/domain/identity/spending-cap-error'
import { InsufficientFundsError } from '@presage/domain/wallet/book-transfer'
import { builder } from '../builder.js'
import { Prediction } from '../predictions/prediction.js'

/** One item of a bulk. */
export const BulkItem = builder.objectRef<BulkItemValue>('BulkItem').implement({
  description: 'One item of a bulk, and what became of it.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place among the items as sent, from 0.' }),
    result: t.field({
      type: Prediction,
      description: 'Its prediction as it stands now, or why it was refused.',
      errors: {
        types: [
          InvalidInputError,
          ConsentRequiredError,
          SpendingCapError,
          InsufficientFundsError,
          RateLimitedError,
          NotFoundError,
        ],
        union: { name: 'BulkItemResult' },
      },
      resolve: async ({ predictionId, refusal }, _args, { domain }) => {
        if (refusal) throw refusalOf(domain.catalogue, refusal)
        // A page asks for all of its predictions at once, and the lane reads them in one statement.
        const prediction = predictionId && (await domain.reads.predictions.submit(predictionId))
        if (!prediction) throw new NotFoundError('No such prediction.')
        return prediction
      },
    }),
  }),
})

export const BulkItemEdge = builder.edgeObject({ name: 'BulkItemEdge', type: BulkItem })

export const BulkItemConnection = builder.connectionObject(
  { name: 'BulkItemConnection', type: BulkItem },
  BulkItemEdge,
)
