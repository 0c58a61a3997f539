import { listPolicies, type Policy } from '@presage/domain/desk/policy'
import { builder, MAX_PAGE } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { keysetConnection, notACursor } from '../keyset-connection.js'
import { Desk } from './desk.js'
import { deskCaller } from './desk-caller.js'
import { DeskPolicy } from './policy.js'

const toCursor = ({ version }: Pick<Policy, 'version'>) =>
  Buffer.from(`policy ${version}`).toString('base64url')

function versionOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const told = Buffer.from(cursor, 'base64url').toString()
  const [, version] = /^policy (\d{1,9})$/.exec(told) ?? []
  if (version === undefined) throw notACursor()
  return Number(version)
}

builder.objectField(Desk, 'policyHistory', (t) =>
  t.connection({
    type: DeskPolicy,
    description: `Every version of the rules, newest first; at most ${MAX_PAGE} a page. Admins only.`,
    authScopes: { admin: true },
    resolve: (_desk, args, context) =>
      keysetConnection({ args, toCursor }, async ({ after, before, limit, inverted }) => {
        const { desk, me } = await deskCaller(context)
        const page = { after: versionOf(after), before: versionOf(before), limit, inverted }
        return orGraphQLError(listPolicies(desk, me, page))
      }),
  }),
)
