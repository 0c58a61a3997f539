import { builder } from '../builder.js'

export const Role = builder.enumType('Role', {
  description: 'Everyone is USER; nobody is CLIENT or MANAGER yet.',
  values: ['USER', 'CLIENT', 'MANAGER', 'ADMIN'] as const,
})

/** What a person may be, by what is stored of them. */
export const rolesOf = ({ isAdmin }: { isAdmin: boolean }): ('USER' | 'ADMIN')[] =>
  isAdmin ? ['USER', 'ADMIN'] : ['USER']
