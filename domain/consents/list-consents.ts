import type { Consent } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'

/** What a user agrees to at present, by the models' names. */
export const listConsents = ({ db }: Domain, userId: string): Promise<Consent[]> =>
  db.prisma.consent.findMany({ where: { userId }, orderBy: { model: 'asc' } })
