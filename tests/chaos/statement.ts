import { z } from 'zod'
import { rowIdOf, type User } from './user.js'

const page = <T extends z.ZodType>(node: T) =>
  z.object({
    nodes: z.array(node),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  })

const predictionSchema = z.object({
  id: z.string().transform(rowIdOf),
  status: z.string(),
  charge: z.object({
    price: z.number(),
    held: z.number(),
    captured: z.number(),
    released: z.number(),
  }),
  output: z.object({ value: z.number() }).nullable(),
})

const transactionSchema = z.object({
  kind: z.string(),
  status: z.string(),
  amount: z.number(),
  availableAfter: z.number(),
  prediction: z.object({ id: z.string().transform(rowIdOf) }).nullable(),
})

const walletSchema = z.object({ available: z.number(), held: z.number() })

/** A prediction as its owner finds it in the history. */
export type ListedPrediction = z.infer<typeof predictionSchema>
export type ListedTransaction = z.infer<typeof transactionSchema>

/** All that a user can see of their own, through the API. */
export interface Statement {
  readonly predictions: readonly ListedPrediction[]
  /** Newest first. */
  readonly transactions: readonly ListedTransaction[]
  readonly wallet: z.infer<typeof walletSchema>
}

export async function statementOf(user: User): Promise<Statement> {
  const { viewer } = await user.ask(
    '{ viewer { wallet { available held } } }',
    z.object({ viewer: z.object({ wallet: walletSchema }) }),
  )
  return {
    wallet: viewer.wallet,
    predictions: await pages(async (after) => {
      const answer = await user.ask(
        `query ($after: String) { viewer { predictions(first: 100, after: $after) {
          nodes {
            id status charge { price held captured released }
            output { ... on RegressionOutput { value } }
          }
          pageInfo { hasNextPage endCursor }
        } } }`,
        z.object({ viewer: z.object({ predictions: page(predictionSchema) }) }),
        { after },
      )
      return answer.viewer.predictions
    }),
    transactions: await pages(async (after) => {
      const answer = await user.ask(
        `query ($after: String) { viewer { wallet { transactions(first: 100, after: $after) {
          nodes { kind status amount availableAfter prediction { id } }
          pageInfo { hasNextPage endCursor }
        } } } }`,
        z.object({
          viewer: z.object({ wallet: z.object({ transactions: page(transactionSchema) }) }),
        }),
        { after },
      )
      return answer.viewer.wallet.transactions
    }),
  }
}

interface Page<T> {
  nodes: T[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

async function pages<T>(read: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  let after: string | null = null
  for (;;) {
    const { nodes, pageInfo }: Page<T> = await read(after)
    all.push(...nodes)
    if (!pageInfo.hasNextPage) return all
    after = pageInfo.endCursor
  }
}
