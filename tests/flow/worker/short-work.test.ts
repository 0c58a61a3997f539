import { readGolden } from '@presage/models/card/golden'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { accept } from '@presage/models/golden/invent'
import { expect, it } from 'vitest'
import { setStage, WITHIN } from './stage.js'

const DEAF = new URL('./deaf-thread.ts', import.meta.url)
const CREDIT = ['credit-default', '1.0.0'] as const

const model = (await loadCatalogue()).version(...CREDIT)
const [golden] = model ? await readGolden(model) : []
if (!model || !golden || !('probability' in golden.output)) throw new Error('no golden row')
const { variant, output } = golden
const job = { model: CREDIT[0], version: CREDIT[1], variant }
const input = accept(model.card, variant, golden.input)

it('computes short work while its thread is busy, and leaves to the thread what is not', async () => {
  const stage = await setStage()
  const { server } = stage
  const again = await server.publish(input, job)
  await (await server.take(CREDIT)).giveBack()
  await stage.work({}, DEAF)
  const explained = await server.publish(input, { ...job, explain: true })
  await expect.poll(() => server.queue(CREDIT), WITHIN).toMatchObject({ inHand: 2 })
  const short = await Promise.all(Array.from({ length: 300 }, () => server.publish(input, job)))
  await expect.poll(() => server.open, WITHIN).toEqual(new Set([again, explained]))
  await expect.poll(() => server.inStream(), WITHIN).toBe(2)
  expect(server.results.map(({ id }) => id).sort()).toEqual([...short].sort())
  const probability = expect.closeTo(output.probability, 6)
  for (const result of server.results)
    expect(result).toMatchObject({ outcome: 'succeeded', output: { probability } })
})
