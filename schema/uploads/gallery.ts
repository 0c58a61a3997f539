import { type FileLink, linkTo } from '@presage/domain/uploads/file-link'
import {
  type Photo as PhotoValue,
  PREDICTIONS_SHOWN,
  readGallery,
} from '@presage/domain/uploads/read-gallery'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection, type PageArgs } from '../keyset-connection.js'
import { Prediction } from '../predictions/prediction.js'

/** Galleries are read by their owners only. */
const linkOf = ({ userId, id, expiresAt }: PhotoValue, { domain }: GraphQLContext): FileLink =>
  linkTo(domain, userId, { kind: 'upload', id }, expiresAt)

/** An uploaded picture, and what was made of it. */
export const Photo = builder.objectRef<PhotoValue>('Photo').implement({
  description: 'A picture as it was uploaded, and what was made of it.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What a feature of the type UPLOAD takes.' }),
    url: t.string({
      description:
        'Where to fetch it until `expiresAt`, without any header, at this server: whoever has the link has the picture.',
      resolve: (photo, _args, context) => linkOf(photo, context).path,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'The end of this link: ask again for another.',
      resolve: (photo, _args, context) => linkOf(photo, context).expiresAt,
    }),
    keptUntil: t.field({
      type: 'DateTime',
      description: 'Then the picture is removed.',
      resolve: ({ expiresAt }) => expiresAt,
    }),
    mediaType: t.exposeString('mediaType'),
    bytes: t.exposeInt('bytes'),
    width: t.exposeInt('width', { description: 'Pixels, as it is looked at (EXIF honoured).' }),
    height: t.exposeInt('height'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    predictions: t.field({
      type: [Prediction],
      description: `The newest ${PREDICTIONS_SHOWN} that were made of it, newest first.`,
      resolve: ({ predictions }) => predictions,
    }),
  }),
})

export const PhotoEdge = builder.edgeObject({ name: 'PhotoEdge', type: Photo })

export const PhotoConnection = builder.connectionObject(
  { name: 'PhotoConnection', type: Photo },
  PhotoEdge,
)

const { toCursor, idOf } = idCursors('Photo')

/** A user's originals, newest first. */
export const resolveGallery = (userId: string, args: PageArgs, { domain }: GraphQLContext) =>
  keysetConnection({ args, toCursor }, ({ after, before, limit, inverted }) =>
    readGallery(domain, userId, { after: idOf(after), before: idOf(before), limit, inverted }),
  )
