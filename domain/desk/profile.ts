import {
  Education,
  Employment,
  Housing,
  MaritalStatus,
  Sex,
} from '@presage/prisma/generated/client/client'
import { z } from 'zod'
import { checked } from './checked.js'

/** As PostgreSQL can store it, which takes no U+0000. */
const name = z
  .string()
  .trim()
  .min(1, 'Send 1 to 80 characters.')
  .max(80, 'Send 1 to 80 characters.')
  .refine((text) => !text.includes('\0'), 'A name holds no U+0000.')

const needed = { firstName: name, lastName: name }

/** What may be missing, and is cleared by null. */
const clearable = {
  middleName: name.nullable(),
  sex: z.enum(Sex).nullable(),
  age: z.int().min(18).max(120).nullable(),
  education: z.enum(Education).nullable(),
  maritalStatus: z.enum(MaritalStatus).nullable(),
  dependants: z.int().min(0).max(20).nullable(),
  employment: z.enum(Employment).nullable(),
  income: z.number().min(0).max(1_000_000_000).nullable(),
  housing: z.enum(Housing).nullable(),
  byPhone: z.boolean().nullable(),
  byEmail: z.boolean().nullable(),
  byPost: z.boolean().nullable(),
}

const whole = z.strictObject({ ...needed, ...clearable })
const begun = z.strictObject(needed).extend(z.strictObject(clearable).partial().shape)

/** What the desk knows of a person: `income` is of a year, in the credit line's currency. */
export type Profile = z.output<typeof whole>
/** What a profile is begun with. */
export type NewProfile = z.input<typeof begun>

export const profileChanges = whole.partial()

export const PROFILE_FIELDS = Object.keys(whole.shape) as (keyof Profile)[]

const NOTHING = Object.fromEntries(Object.keys(clearable).map((field) => [field, null])) as {
  [Field in keyof typeof clearable]: null
}

/**
 * A whole profile of what is known; what is left out is null.
 *
 * @throws InvalidInputError
 */
export function parseProfile(sent: unknown): Profile {
  const { firstName, lastName, ...known } = checked(begun, sent)
  const given = Object.entries(known).filter(([, value]) => value !== undefined)
  return { firstName, lastName, ...NOTHING, ...Object.fromEntries(given) }
}

/** One spelling of what is searched and sorted, whatever the case and the width it was typed in. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

type Named = Pick<Profile, 'firstName' | 'middleName' | 'lastName'>

/** What a name is sorted by. */
export const nameKey = ({ firstName, middleName, lastName }: Named): string =>
  folded([lastName, firstName, middleName].filter(Boolean).join(' '))

/** What a search looks through. */
export const searchText = ({ firstName, middleName, lastName }: Named, email: string): string =>
  folded([firstName, middleName, lastName, email].filter(Boolean).join(' '))
