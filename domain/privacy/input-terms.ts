import { contractSchema } from '@presage/models/card/contract'
import type { Domain } from '../domain.js'

/** For how many days the inputs of a model are kept. */
export interface InputTerm {
  model: string
  keptDays: number
}

const keptSchema = contractSchema.pick({ inputsKeptDays: true })

/**
 * The terms of all models that have one: by the card on sale, or for a model that is not installed
 * any more by the last card of it that was. Where that was not kept, it is the longest term of the
 * installed models, so that nothing stays for want of a card.
 */
export async function inputTerms({ db, catalogue }: Pick<Domain, 'db' | 'catalogue'>) {
  const installed = catalogue.models.map(({ card }) => termOf(card.name, card.inputsKeptDays))
  const longest = Math.max(0, ...installed.map(({ keptDays }) => keptDays ?? 0))
  const gone = await db.prisma.modelVersion.findMany({
    where: { state: 'ON_SALE', model: { notIn: installed.map(({ model }) => model) } },
    select: { model: true, contract: true },
  })
  const left = gone.map(({ model, contract }) => {
    const kept = keptSchema.safeParse(contract).data?.inputsKeptDays
    return termOf(model, kept === undefined ? longest : kept)
  })
  return [...installed, ...left].filter((it): it is InputTerm => !!it.keptDays)
}

const termOf = (model: string, keptDays: number | null | undefined) => ({ model, keptDays })
