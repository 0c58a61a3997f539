import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import { deliverTo } from './deliver-picture.js'
import { predictLines } from './predict-lines.js'

const found = (await loadCatalogue()).model('credit-default')
if (!found) throw new Error('credit-default is shipped')
const model: InstalledModel = found

let open: OpenModel
beforeAll(async () => {
  open = await openModel(model)
})
afterAll(() => open.close())

async function* each(lines: readonly string[]) {
  yield* lines
}

async function answers(lines: readonly string[], explain = false) {
  const run = { model, open, variant: 'boosted', explain, deliver: await deliverTo(undefined) }
  const answered: Record<string, unknown>[] = []
  for await (const line of predictLines(each(lines), run)) answered.push(JSON.parse(line))
  return answered
}

const account = (changes: object = {}) =>
  JSON.stringify({ creditLimit: 50_000, billed1: 10_000, paid1: 500, monthsLate1: 0, ...changes })

describe('predictLines', () => {
  it('answers each line, in order, over several batches', async () => {
    const late = Array.from({ length: 600 }, (_, line) => line % 4)
    const answered = await answers(late.map((monthsLate1) => account({ monthsLate1 })))
    expect(answered).toHaveLength(600)
    for (const [line, { probability }] of answered.entries())
      expect(probability).toBe(answered[line % 4]?.probability)
    expect(Number(answered[3]?.probability)).toBeGreaterThan(Number(answered[0]?.probability))
  })

  it('explains when it is asked to', async () => {
    const [plain] = await answers([account()])
    const [explained] = await answers([account()], true)
    expect(plain).not.toHaveProperty('explanation')
    expect(explained).toHaveProperty('explanation.method', 'tree-shap')
  })

  it('answers a bad line with what is wrong with it, and the others all the same', async () => {
    const [sound, wrong, unknown, broken, list, again] = await answers([
      account(),
      account({ monthsLate1: 9, paid1: undefined }),
      account({ sex: 'female' }),
      '{"creditLimit":',
      '[1]',
      '  ',
      account(),
    ])
    expect(again).toEqual(sound)
    expect(wrong).toMatchObject({
      error: { code: 'INVALID_INPUT', issues: [{ path: ['paid1'] }, { path: ['monthsLate1'] }] },
    })
    expect(unknown).toMatchObject({ error: { issues: [{ path: ['sex'] }] } })
    for (const line of [broken, list]) expect(line).toMatchObject({ error: { code: 'BAD_JSON' } })
  })

  it('reads past the byte order mark that some shells begin with', async () => {
    const [marked, plain] = await answers([`\uFEFF${account()}`, account()])
    expect(plain).toHaveProperty('probability')
    expect(marked).toEqual(plain)
  })

  it('takes a bare number for one in the first unit', async () => {
    const [bare, named] = await answers([
      account(),
      account({ creditLimit: { value: 50_000, unit: 'TWD' }, paid1: { value: 500 } }),
    ])
    expect(bare).toEqual(named)
  })
})
