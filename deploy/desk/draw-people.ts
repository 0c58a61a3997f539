import type { NewPerson } from '@presage/domain/desk/insert-clients'
import { parseProfile } from '@presage/domain/desk/profile'
import { type Random, seededRandom } from '@presage/models/random/random'
import { Employment, Housing } from '@presage/prisma/generated/client/client'
import { drawId, drawKey, drawQuantile, pick } from './draw.js'
import { drawLine } from './draw-history.js'
import { drawName } from './names.js'
import type { Parameters } from './parameters.js'

export const CLIENTS = 1510
export const MANAGERS = 30
export const ADMINS = 2

const SEED = 20_051_001
const MONTHS = 12
/** Of a hundred clients so many tell nothing of a thing. */
const UNTOLD = 0.1

/** Somebody who works at the desk. */
export interface Colleague {
  id: string
  email: string
  firstName: string
  lastName: string
  isAdmin: boolean
}

/** Everybody of a demonstration desk. */
export interface People {
  staff: Colleague[]
  clients: NewPerson[]
}

const numbered = (name: string, n: number, digits: number) =>
  `${name}-${String(n + 1).padStart(digits, '0')}@example.com`

/** Draws everybody: the same people for the same month. `latest` is the first day of their last month. */
export function drawPeople(
  parameters: Parameters,
  { latest, passwordHash }: { latest: string; passwordHash: string },
): People {
  const random = seededRandom(SEED)
  const createdAt = new Date(`${latest}T09:00:00Z`)
  const colleague = (email: string, isAdmin: boolean): Colleague => {
    const { firstName, lastName } = drawName(random)
    return { id: drawId(createdAt, random), email, firstName, lastName, isAdmin }
  }
  const admins = Array.from({ length: ADMINS }, (_, n) =>
    colleague(numbered('desk-admin', n, 1), true),
  )
  const managers = Array.from({ length: MANAGERS }, (_, n) =>
    colleague(numbered('manager', n, 2), false),
  )
  const clients = Array.from({ length: CLIENTS }, (_, n): NewPerson => {
    const { terms, months } = drawLine(parameters, { latest, count: MONTHS }, random)
    const openedAt = new Date(`${months.at(-1)?.month ?? latest}T09:00:00Z`)
    return {
      id: drawId(createdAt, random),
      email: numbered('client', n, 4),
      passwordHash,
      managerId: managers[n % MANAGERS]?.id ?? null,
      profile: drawProfile(parameters, random),
      line: { id: drawId(openedAt, random), ...terms, openedAt },
      months,
      createdAt,
    }
  })
  return { staff: [...admins, ...managers], clients }
}

/** What the table does not tell is invented, and the model uses none of it. */
function drawProfile(parameters: Parameters, random: Random) {
  const told = <T>(draw: () => T) => (random() < UNTOLD ? null : draw())
  const flag = () => told(() => random() < 0.7)
  return parseProfile({
    ...drawName(random),
    sex: told(() => (random() < parameters.female ? 'FEMALE' : 'MALE')),
    age: told(() => Math.round(drawQuantile(parameters.age, random))),
    education: told(() => drawKey(parameters.education, random)),
    maritalStatus: told(() => drawKey(parameters.maritalStatus, random)),
    dependants: told(() => Math.floor(4 * random() ** 2)),
    employment: told(() => pick(Object.values(Employment), random)),
    income: told(() => Math.round(200 + 1800 * random() ** 3) * 1000),
    housing: told(() => pick(Object.values(Housing), random)),
    ...{ byPhone: flag(), byEmail: flag(), byPost: flag() },
  })
}
