import { randomUUID } from 'node:crypto'
import { type CreditFacts, creditInput } from '@presage/domain/desk/credit-input'
import { createDesk } from '@presage/domain/desk/desk'
import { type ScoreDiff, scoreDiff } from '@presage/domain/desk/diff/score-diff'
import type { Domain } from '@presage/domain/domain'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import { expect, it } from 'vitest'
import { creditModels } from '../../kit/credit-models.js'
import { openDesk, paymentOf } from '../../kit/desk.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const stage = await openDesk(kit)

const MODEL = { model: 'credit-default', variant: 'boosted' }
const MAY = paymentOf('2026-05-01')
const LINE = { creditLimit: 100_000, currency: 'TWD' as const }
const before: CreditFacts = { line: LINE, months: [paymentOf('2026-06-01', 1), MAY] }
const lowered: CreditFacts = { ...before, line: { ...LINE, creditLimit: 20_000 } }
const late = [paymentOf('2026-06-01', 3), MAY]

/** Both versions at a server with a worker, and what each says of facts. */
async function open() {
  const dir = await creditModels()
  const stack = await kit.stack({ servers: 0, workers: 0 })
  const models = await loadCatalogue(dir)
  const { domain } = await serve(kit, stack.nats.url, {}, models)
  await stack.addWorker({ MODELS_DIR: dir })
  return { domain, modelled: (version: string, facts: CreditFacts) => ask(domain, version, facts) }
}

async function ask(domain: Domain, version: string, facts: CreditFacts): Promise<number> {
  const card = domain.catalogue.version(MODEL.model, version)?.card
  const parsed = card && parseInput(card, MODEL.variant, creditInput(facts) ?? {})
  if (!parsed?.ok) throw new Error(`${version} does not take it`)
  const answer = await domain.ask({ ...MODEL, version, input: parsed.values, explain: false })
  if ('output' in answer && answer.output.kind === 'classification')
    return answer.output.probability
  throw new Error('there is no probability')
}

const summed = ({ parts, versionChange }: ScoreDiff) =>
  parts.reduce((sum, part) => sum + part.change, versionChange ?? Number.NaN)

it('tells what the version did from what each edit did, between two that are installed', async () => {
  const { domain, modelled } = await open()
  const desk = createDesk(domain)
  const manager = await stage.manager()
  const clientId = await stage.client({ managerId: manager.userId })
  const scored = async (version: string, facts: CreditFacts) => {
    const [id, probability] = [randomUUID(), await modelled(version, facts)]
    await kit.db.pool.query(
      `INSERT INTO scores (id, client_id, probability, band, model, version, variant, input, created_at)
        VALUES ($1, $2, $3, 'high', 'credit-default', $4, 'boosted', $5, now())`,
      [id, clientId, probability, version, creditInput(facts)],
    )
    return { id, probability }
  }
  const after = { ...lowered, months: late }
  const [a, b] = [await scored('1.0.0', before), await scored('1.1.0', after)]
  const old = await modelled('1.1.0', before)
  expect(Math.abs(old - a.probability)).toBeGreaterThan(0.001)

  const forward = await scoreDiff(desk, manager, a.id, b.id)
  expect(forward.change).toBe(b.probability - a.probability)
  expect(forward.versionChange).toBeCloseTo(old - a.probability, 9)
  expect(summed(forward)).toBeCloseTo(forward.change, 9)
  // By hand: the mean of each edit's change before and after the other, under the newer version.
  const limit = (await modelled('1.1.0', lowered)) - old
  const both = b.probability - old
  const months = (await modelled('1.1.0', { ...before, months: late })) - old
  expect(forward.parts.map(({ edits }) => edits.map(({ feature }) => feature))).toEqual([
    ['creditLimit'],
    ['monthsLate1'],
  ])
  expect(forward.parts[0]?.change).toBeCloseTo((limit + both - months) / 2, 9)
  expect(forward.parts[1]?.change).toBeCloseTo((months + both - limit) / 2, 9)

  const back = await scoreDiff(desk, manager, b.id, a.id)
  expect(back.versionChange).toBeCloseTo((await modelled('1.0.0', after)) - b.probability, 9)
  expect(summed(back)).toBeCloseTo(-forward.change, 9)

  const same = await scoreDiff(desk, manager, a.id, (await scored('1.1.0', before)).id)
  expect(same).toMatchObject({ parts: [], versionChange: same.change })
  expect(same.change).toBeCloseTo(old - a.probability, 9)
})
