import type { Answer, Api, Variables } from './api.js'
import { ROLES, type Role } from './desk-roles.js'

/** What each role is told: a value, null, none of a list, or the code of a refusal. */
export type Told = Record<Role, string>

export const SIGNED_OUT = { nobody: 'UNAUTHENTICATED' }
/** A client, their manager and admins. */
export const OWN = { client: 'yes', manager: 'yes', admin: 'yes' }
/** Of those the desk's people, where a client is told why not. */
export const STAFF = { client: 'DESK_FORBIDDEN', manager: 'yes', admin: 'yes' }
const FORBIDDEN = { client: 'DESK_FORBIDDEN', otherClient: 'DESK_FORBIDDEN' }

/** The usual answer, but for the roles named. */
export const told = (usual: string, others: Partial<Told>): Told =>
  ({ ...Object.fromEntries(ROLES.map((role) => [role, usual])), ...others }) as Told

/** Of a list for the desk's people. */
export const staffs = (others: Partial<Told> = {}): Told =>
  told('yes', { ...SIGNED_OUT, user: 'null', ...FORBIDDEN, ...others })

/** Of what the client's manager and admins may do: whom else it is refused, and why. */
export const managed = (answer: string): Told =>
  told('NOT_FOUND', {
    ...{ ...SIGNED_OUT, user: 'DESK_FORBIDDEN', ...FORBIDDEN },
    ...{ manager: answer, admin: answer },
  })

/** Of what admins alone may do. */
export const admins = (answer: string): Told => told('FORBIDDEN', { ...SIGNED_OUT, admin: answer })

/** Of a field that is an admin's on an object that the desk's people and clients see. */
export const ADMINS_OWN = told('FORBIDDEN', { ...SIGNED_OUT, user: 'null', admin: 'yes' })

/** An operation and the ids that it names: `$client`, `$score` … */
export function operationOf(kind: string, text: string, ids: Readonly<Record<string, string>>) {
  const used = Object.entries(ids).filter(([name]) => new RegExp(`\\$${name}\\b`).test(text))
  const declared = [
    ...used.map(([name]) => `$${name}: ID!`),
    ...(text.includes('$file') ? ['$file: Upload!'] : []),
  ]
  const query = `${kind}${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${text}`
  return { query, variables: Object.fromEntries(used) as Variables }
}

/** What every role is told by this call. */
export async function toldBy(
  apis: Readonly<Record<Role, Api>>,
  call: (api: Api) => Promise<Answer>,
): Promise<Told> {
  const answers = ROLES.map(async (role) => [role, outcome(await call(apis[role]))])
  return Object.fromEntries(await Promise.all(answers))
}

/** What stands at the end of an answer's first path, or the code of its refusal. */
function outcome({ data, errors }: Answer): string {
  const [error] = errors ?? []
  if (error) return String(error.extensions.code)
  let value: unknown = data
  while (value instanceof Object) {
    if ('refusal' in value) return String(value.refusal)
    const [first] = Object.values(value)
    if (first === undefined) return 'none'
    value = first
  }
  return value === null ? 'null' : 'yes'
}
