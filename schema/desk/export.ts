import type { Desk } from '@presage/domain/desk/desk'
import type { DeskViewer } from '@presage/domain/desk/desk-viewer'
import { linkToExport } from '@presage/domain/desk/export/export-link'
import type { FileLink } from '@presage/domain/uploads/file-link'
import { builder } from '../builder.js'

/** A link to the caller's clients as a file. */
export const DeskExport = builder.objectRef<FileLink>('DeskExport').implement({
  description: 'The caller’s clients as a CSV file with line, latest months and rating.',
  fields: (t) => ({
    url: t.exposeString('path', {
      description:
        'Where to fetch it until `expiresAt`, without any header, at this server. It needs the rights of who asked for it still.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
})

/** @throws DeskForbiddenError */
export const exportOf = async (desk: Desk, me: DeskViewer): Promise<FileLink> =>
  linkToExport(desk, me)
