import pg from 'pg'
import { vi } from 'vitest'

/** A statement as PostgreSQL is sent it. */
export interface Statement {
  /** null = it is not prepared */
  name: string | null
  text: string
  values: unknown[]
}

/** What a plan's nodes have that is looked at here. */
interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: PlanNode[]
}

/** How PostgreSQL has run a statement. */
export interface Plan {
  /** Tables that were read from end to end. */
  scanned: string[]
  indexes: string[]
  /** Rows that were fetched from tables and indexes, also those that were passed over. */
  rowsRead: number
}

const CONTROL = /^(BEGIN|COMMIT|ROLLBACK|SET|SAVEPOINT|RELEASE)\b/

/** The statements that this work sends, over any connection, those of transactions left out. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  try {
    await work()
    return spy.mock.calls
      .map(([config, values]) => statementOf(config, values))
      .filter(({ text }) => !CONTROL.test(text))
  } finally {
    spy.mockRestore()
  }
}

function statementOf(config: unknown, values: unknown): Statement {
  const sent: Partial<Statement> =
    typeof config === 'string' ? { text: config } : (config as Partial<Statement>)
  return {
    name: sent.name ?? null,
    text: sent.text ?? '',
    values: sent.values ?? (Array.isArray(values) ? values : []),
  }
}

/** Runs a statement for its plan, and undoes what it wrote. */
export async function planOf(pool: pg.Pool, { text, values }: Statement): Promise<Plan> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)
    return summary(nodesOf(rows[0]['QUERY PLAN'][0].Plan))
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

/** PostgreSQL may plan a prepared statement without its values once it ran five times. */
const RUNS = 7

/** Rows that the statement reads once its connection knows it well; what it wrote is undone. */
export async function rowsReadAgain(pool: pg.Pool, statement: Statement): Promise<number> {
  const client = await pool.connect()
  const read = async () => {
    const { rows } = await client.query<{ read: number }>(
      `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS read
       FROM pg_stat_xact_user_tables`,
    )
    return rows[0]?.read ?? Number.NaN
  }
  try {
    await client.query('BEGIN')
    for (let run = 1; run < RUNS; run += 1) await client.query(preparedOf(statement))
    const before = await read()
    await client.query(preparedOf(statement))
    return (await read()) - before
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

const preparedOf = ({ name, text, values }: Statement) =>
  name === null ? { text, values } : { name, text, values }

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

function summary(nodes: readonly PlanNode[]): Plan {
  const named = nodes.filter((node) => node['Relation Name'] || node['Index Name'])
  return {
    scanned: named.flatMap((node) =>
      node['Node Type'].endsWith('Seq Scan') ? (node['Relation Name'] ?? []) : [],
    ),
    indexes: named.flatMap((node) => node['Index Name'] ?? []),
    rowsRead: named
      // What a bitmap's index has told is fetched, and counted, above it.
      .filter((node) => !/^(ModifyTable|Bitmap Index Scan)$/.test(node['Node Type']))
      .reduce((sum, node) => sum + node['Actual Loops'] * rowsOf(node), 0),
  }
}

const rowsOf = (node: PlanNode) =>
  node['Actual Rows'] +
  (node['Rows Removed by Filter'] ?? 0) +
  (node['Rows Removed by Index Recheck'] ?? 0)
