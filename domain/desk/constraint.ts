/** Whether PostgreSQL refused a statement by this constraint, or for this SQLSTATE. */
export const isConstraint = (error: unknown, name: string): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === name
