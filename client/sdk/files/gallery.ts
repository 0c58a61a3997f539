import type { ResultOf } from 'gql.tada'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import { predictionFields } from '../predictions/prediction.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import { isViewerless } from '../transport/read-options.js'

const photoFields = graphql(
  `
    fragment PhotoFields on Photo {
      id
      url
      expiresAt
      keptUntil
      mediaType
      bytes
      width
      height
      createdAt
      predictions { ...PredictionFields }
    }
  `,
  [predictionFields],
)

const galleryQuery = graphql(
  `
    query Gallery($first: Int!, $after: String) {
      viewer {
        gallery(first: $first, after: $after) {
          nodes { ...PhotoFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [photoFields],
)

/** An uploaded picture and the newest predictions that were made of it. */
export type Photo = ResultOf<typeof photoFields>

/** The caller's uploaded pictures that are kept, newest first, a page at a time as they are read. */
export const gallery = (
  caller: Caller,
  { pageSize, signal }: PageOptions = {},
): AsyncGenerator<Photo, void, void> =>
  pages(pageSize, async (page) => {
    const options = { signal, repeat: true, isSignedOut: isViewerless }
    const { viewer } = await caller.call(galleryQuery, page, options)
    if (!viewer) throw new UnauthenticatedError()
    return viewer.gallery
  })
