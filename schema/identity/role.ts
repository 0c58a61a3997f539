import { builder } from '../builder.js'

export const Role = builder.enumType('Role', {
  description: 'Everyone is USER; CLIENT and MANAGER is who has that profile at the credit desk.',
  values: ['USER', 'CLIENT', 'MANAGER', 'ADMIN'] as const,
})
