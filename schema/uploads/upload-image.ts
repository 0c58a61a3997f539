import { InvalidInputError, RateLimitedError } from '@presage/domain/errors'
import type { Upload } from '@presage/domain/uploads/upload'
import { uploadImage } from '@presage/domain/uploads/upload-image'
import { builder } from '../builder.js'
import { signedIn } from '../signed-in.js'

const UploadImagePayload = builder.objectRef<Upload>('UploadImagePayload').implement({
  description: 'A picture that predictions can be made of, by its uploader only.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What a feature of the type UPLOAD takes.' }),
    width: t.exposeInt('width', { description: 'Pixels, as it is looked at (EXIF honoured).' }),
    height: t.exposeInt('height'),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Then it is removed, or once the last open prediction that is made of it ends.',
    }),
  }),
})

builder.mutationField('uploadImage', (t) =>
  t.field({
    type: UploadImagePayload,
    description:
      'Takes a JPEG, PNG or WebP of up to 25 MiB and 50 megapixels, whatever it is called. ' +
      'The multipart request needs the header `graphql-require-preflight`.',
    authScopes: { may: 'PREDICT' },
    errors: { types: [InvalidInputError, RateLimitedError] },
    args: { file: t.arg({ type: 'Upload', required: true }) },
    resolve: (_root, { file }, { domain, viewer }) => uploadImage(domain, signedIn(viewer), file),
  }),
)
