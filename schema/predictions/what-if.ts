import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { InvalidInputError, RateLimitedError } from '@presage/domain/errors'
import { type WhatIf as WhatIfValue, whatIf } from '@presage/domain/what-if/what-if'
import { builder } from '../builder.js'
import { signedIn } from '../signed-in.js'
import { PredictInput, requestOf } from './predict-input.js'

const WhatIf = builder.objectRef<WhatIfValue>('WhatIf').implement({
  description: 'A bare score: it costs nothing, and nothing of it is kept.',
  fields: (t) => ({
    score: t.exposeFloat('score'),
    unit: t.exposeString('unit', {
      description: '`probability` of a class, else as the output’s.',
    }),
    remaining: t.exposeInt('remaining', { description: 'Questions left today (UTC).' }),
  }),
})

builder.queryField('whatIf', (t) =>
  t.field({
    type: WhatIf,
    description: 'What a model would answer: unbilled, not kept, limited per user and day.',
    authScopes: { may: 'PREDICT' },
    errors: { types: [InvalidInputError, ConsentRequiredError, RateLimitedError] },
    args: { input: t.arg({ type: PredictInput, required: true }) },
    resolve: (_root, { input }, { domain, viewer }) =>
      whatIf(domain, signedIn(viewer), requestOf(domain.catalogue, input)),
  }),
)
