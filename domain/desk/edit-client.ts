import type { Tx } from '@presage/prisma/client'
import type { Client, CreditLine } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { InvalidInputError } from '../errors.js'
import { checked } from './checked.js'
import type { DeskClient } from './client.js'
import { MODEL } from './credit-input.js'
import { lineTerms } from './credit-line.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { StaleEditError } from './errors.js'
import { findClient, findManaged } from './find-clients.js'
import { readPolicy } from './policy.js'
import { nameKey, profileChanges, searchText } from './profile.js'
import { PROTECTED } from './profile-fields.js'

const allChanges = profileChanges.extend(z.strictObject(lineTerms).partial().shape)
type Changes = z.output<typeof allChanges>

/** Fields of the profile or terms of the line; left out = as it is, null = cleared. */
export type ClientChanges = z.input<typeof allChanges>

/** What a manager leaves to admins. */
const ADMINS_ALONE = ['amountTotal', 'annualRate'] as const

/** One field, as the audit trail has it. */
interface FieldEdit {
  field: keyof Changes
  before: string | number | boolean | null
  after: string | number | boolean | null
}

/**
 * Edits a client at the `version` that the caller has seen, and writes who changed which field from
 * what to what. What the score is made from marks it stale; what the model does not use does not.
 *
 * @throws NotFoundError, InvalidInputError, DeskForbiddenError
 * @throws StaleEditError when somebody else was quicker; nothing is edited then.
 */
export async function editClient(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
  { version, changes }: { version: number; changes: ClientChanges },
): Promise<DeskClient> {
  requireStaff(me)
  const asked = checked(allChanges, changes)
  const seen = await findManaged(desk, me, clientId)
  await refuseWhatIsOff(desk, me, asked)
  const counted = factsOf(desk)
  const edited = await desk.domain.db.prisma.$transaction((tx) =>
    editAt(tx, me, { clientId, version, asked, counted, email: seen.email }),
  )
  const client = await findClient(desk, me, clientId)
  if (!edited) throw new StaleEditError(client)
  deskChanged(desk, [clientId, client.managerId])
  return client
}

/** The fields that the score is made from: the limit, and of the profile what the model's card names. */
function factsOf({ domain }: Pick<Desk, 'domain'>): ReadonlySet<string> {
  const features = domain.catalogue.model(MODEL)?.card.features ?? []
  return new Set(['creditLimit', ...features.map(({ name }) => name)])
}

async function refuseWhatIsOff(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  asked: Changes,
): Promise<void> {
  if (me.isAdmin) return
  const { protectedFields } = await readPolicy(domain.db)
  const off = [...ADMINS_ALONE, ...(protectedFields ? [] : PROTECTED)]
  const issues = off
    .filter((field) => asked[field] !== undefined)
    .map((field) => ({ path: [field], message: 'The desk’s policy leaves this field to admins.' }))
  if (issues.length > 0) throw new InvalidInputError(issues)
}

interface Edit {
  clientId: string
  version: number
  asked: Changes
  counted: ReadonlySet<string>
  email: string
}

/** Writes an edit; false = the client is not at that version, or has moved to another manager. */
async function editAt(tx: Tx, me: DeskViewer, edit: Edit): Promise<boolean> {
  const { clientId, version, asked, counted, email } = edit
  await tx.$queryRaw`SELECT 1 FROM clients WHERE user_id = ${clientId}::uuid FOR NO KEY UPDATE`
  const client = await tx.client.findUniqueOrThrow({
    where: { userId: clientId },
    include: { line: true },
  })
  const isTheirs = me.isAdmin || client.managerId === me.userId
  if (client.version !== version || !isTheirs) return false
  const edits = editsOf(client, asked)
  if (edits.length === 0) return true
  const after = (fields: readonly string[]) =>
    Object.fromEntries(
      edits.filter(({ field }) => fields.includes(field)).map((each) => [each.field, each.after]),
    )
  const named = { ...client, ...after(['firstName', 'middleName', 'lastName']) }
  const factsChanged = edits.some(({ field }) => counted.has(field))
  await tx.client.update({
    where: { userId: clientId },
    data: {
      ...after(Object.keys(profileChanges.shape)),
      ...{
        version: { increment: 1 },
        nameKey: nameKey(named),
        searchText: searchText(named, email),
      },
      ...(factsChanged && { factsVersion: { increment: 1 }, stale: client.latestScoreId !== null }),
    },
  })
  const terms = after(Object.keys(lineTerms))
  if (Object.keys(terms).length > 0)
    await tx.creditLine.update({ where: { clientId }, data: terms })
  await tx.clientEdit.createMany({
    data: edits.map((each) => ({ id: uuidv7(), clientId, actorId: me.userId, ...jsonOf(each) })),
  })
  return true
}

/** A null of the trail is the column's, not a JSON one. */
const jsonOf = ({ field, before, after }: FieldEdit) => ({
  field,
  ...(before !== null && { before }),
  ...(after !== null && { after }),
})

/** @throws InvalidInputError when a term of the line is to be changed and there is none. */
function editsOf(client: Client & { line: CreditLine | null }, asked: Changes): FieldEdit[] {
  const standing: Record<keyof Changes, FieldEdit['before'] | undefined> = {
    ...client,
    income: numberOf(client.income),
    amountTotal: numberOf(client.line?.amountTotal),
    creditLimit: numberOf(client.line?.creditLimit),
    annualRate: numberOf(client.line?.annualRate),
  }
  const fields = Object.keys(asked) as (keyof Changes)[]
  return fields.flatMap((field) => {
    const [before = null, after] = [standing[field], asked[field]]
    if (after === undefined || after === before) return []
    if (field in lineTerms && !client.line)
      throw new InvalidInputError([{ path: [field], message: 'There is no credit line.' }])
    return [{ field, before, after }]
  })
}

const numberOf = (value: { toNumber(): number } | null | undefined): number | null =>
  value?.toNumber() ?? null
