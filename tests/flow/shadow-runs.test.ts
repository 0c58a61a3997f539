import { randomUUID } from 'node:crypto'
import { compareShadow } from '@presage/domain/catalogue/compare-shadow'
import { enterVersions } from '@presage/domain/catalogue/enter-versions'
import { predict } from '@presage/domain/predictions/predict'
import { cardSchema } from '@presage/models/card/card-schema'
import { sampleCard } from '@presage/models/card/sample-card'
import { expect, it } from 'vitest'
import { openKit } from '../kit/kit.js'
import { testCatalogue } from '../kit/test-catalogue.js'

const kit = await openKit()
const domain = kit.domain()
const { prisma } = kit.db

const [toll] = testCatalogue().installed
if (!toll) throw new Error('the test catalogue has a model')
const versions = (...list: string[]) => ({
  installed: list.map((version) => ({ card: { ...toll.card, version }, dir: '' })),
})

it('servers that start at once enter each version once; only what is new is a shadow', async () => {
  const starting = [1, 2, 3].map(() => enterVersions(kit.db, versions('1.0.0', '1.9.0', '1.10.0')))
  await Promise.all(starting)
  await enterVersions(kit.db, versions('1.10.0', '1.11.0'))
  const rows = await prisma.modelVersion.findMany({ orderBy: { version: 'asc' } })
  expect(rows.map(({ version, state }) => `${version} ${state}`)).toEqual([
    '1.0.0 RETIRED',
    '1.10.0 ON_SALE',
    '1.11.0 SHADOW',
    '1.9.0 RETIRED',
  ])
  expect(await prisma.modelChange.count()).toBe(4)
  const replacing = [1, 2].map(() => enterVersions(kit.db, versions('1.11.0')))
  expect((await Promise.all(replacing)).flat()).toEqual([
    { model: 'toll', version: '1.11.0', replaced: '1.10.0' },
  ])
  await expect(kit.db.pool.query('DELETE FROM model_changes')).rejects.toThrow('append-only')
})

it('counts which labels differ, and what cannot be compared', async () => {
  const user = await kit.user({ balance: 10 })
  const card = cardSchema.parse({
    ...{ ...sampleCard(), name: 'toll', version: '2.0.0', task: 'classification', tolerance: 0.05 },
    output: {
      ...{ title: 'Risk', labels: { positive: 'yes', negative: 'no' }, threshold: 0.5 },
      ...{ bands: [{ name: 'all', title: 'All' }], meaning: '{count} of 100' },
    },
  })
  const compared = async (
    probability: number | null,
    run: { score?: number; failure?: string },
  ) => {
    const request = { model: 'toll', variant: 'one', features: { n: 1 } }
    const how = { idempotencyKey: randomUUID(), explain: false, waitMs: 0 }
    const { id } = (await predict(domain, user, request, how)).prediction
    const { name: model, version } = card
    await prisma.shadowRun.create({
      data: { id: randomUUID(), predictionId: id, model, version, ...run },
    })
    if (probability === null) return
    const label = probability >= 0.5 ? 'yes' : 'no'
    const output = { kind: 'classification' as const, label, probability, threshold: 0.5 }
    const told = { band: 'all', meaning: '', measures: [] }
    await domain.closings.submit({ id, status: 'SUCCEEDED', output: { ...output, ...told } })
  }
  await compared(0.48, { score: 0.51 })
  await compared(0.9, { score: 0.6 })
  await compared(0.7, { failure: 'BAD_ROW' })
  await compared(null, { score: 0.1 })
  const { meanDifference, ...counts } = await compareShadow(domain, card)
  expect(counts).toMatchObject({ runs: 4, failed: 1, compared: 2, agreeing: 1, labelsDiffering: 1 })
  expect(counts.largestDifference).toBeCloseTo(0.3, 9)
  expect(meanDifference).toBeCloseTo(0.165, 9)
})
