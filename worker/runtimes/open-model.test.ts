import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Output } from '@presage/messages/output'
import type { FeatureValue } from '@presage/models/card/feature-schema'
import { type GoldenRow, readGolden } from '@presage/models/card/golden'
import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import { mixInputs } from '@presage/models/golden/mix-inputs'
import { seededRandom } from '@presage/models/random/random'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ArtifactError } from './artifact.js'
import { type OpenModel, openModel, type PredictOutcome } from './open-model.js'

const catalogue = await loadCatalogue()
/** Those that answer with a number; what draws has tests of its own. */
const models = catalogue.models.filter(({ card }) => card.task !== 'image')

function accepted({ card }: InstalledModel, row: GoldenRow): Record<string, FeatureValue> {
  const parsed = parseInput(card, row.variant, row.input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.values
}

function expectGolden(
  outcome: PredictOutcome | undefined,
  { output, measures, tolerance }: GoldenRow,
) {
  if (!outcome || !('output' in outcome)) throw new Error(JSON.stringify(outcome))
  const near = (actual: number | null | undefined, expected: number | string | null) => {
    if (expected === null) expect(actual).toBeNull()
    else expect(Math.abs(Number(actual) - Number(expected))).toBeLessThanOrEqual(tolerance)
  }
  for (const [name, expected] of Object.entries(output))
    near(z.number().nullable().parse(Reflect.get(outcome.output, name)), expected)
  const actual = Object.fromEntries(outcome.output.measures.map(({ name, value }) => [name, value]))
  expect(Object.keys(actual).sort()).toEqual(Object.keys(measures).sort())
  for (const [name, value] of Object.entries(measures)) near(actual[name], value)
}

/** The figure that contributions add up to: of a class, its log-odds. */
function scaleOf(output: Output): number {
  if (output.kind === 'image') throw new Error('a picture is no figure')
  if (output.kind === 'regression') return output.value
  return Math.log(output.probability / (1 - output.probability))
}

function expectSum(outcome: PredictOutcome | undefined) {
  if (!outcome || !('output' in outcome)) throw new Error(JSON.stringify(outcome))
  const { explanation, output } = outcome
  const total = explanation?.contributions.reduce(
    (sum, { contribution }) => sum + contribution,
    explanation.baseline,
  )
  expect(Number(total)).toBeCloseTo(scaleOf(output), 9)
}

describe.each(models.map((model) => ({ name: model.card.name, model })))('$name', ({ model }) => {
  let open: OpenModel
  let golden: GoldenRow[] = []
  beforeAll(async () => {
    open = await openModel(model)
    golden = await readGolden(model)
  })
  afterAll(() => open.close())

  it('answers its golden rows, all in one batch and each alone', async () => {
    for (const { name } of model.card.variants) {
      const own = golden.filter(({ variant }) => variant === name)
      const rows = own.map((row) => ({ values: accepted(model, row), explain: false }))
      const together = await open.predict(name, rows)
      for (const [index, row] of own.entries()) {
        expectGolden(together[index], row)
        expectGolden((await open.predict(name, rows.slice(index, index + 1)))[0], row)
      }
    }
  })

  it('explains its golden rows: baseline and contributions add up to the output', async () => {
    for (const row of golden) {
      const [outcome] = await open.predict(row.variant, [
        { values: accepted(model, row), explain: true },
      ])
      expectSum(outcome)
    }
  })

  it('explains hundreds of rows, each adding up to its output', async () => {
    for (const { name, explanation } of model.card.variants) {
      if (!explanation) continue
      const rows = mixInputs(model.card, name, golden, 300, seededRandom(3))
      const outcomes = await open.predict(
        name,
        rows.map((values) => ({ values, explain: true })),
      )
      expect(outcomes).toHaveLength(rows.length)
      for (const outcome of outcomes) expectSum(outcome)
    }
  })

  it('fails a bad row alone', async () => {
    const [row] = golden
    if (!row) throw new Error('there are no golden rows')
    const values = accepted(model, row)
    const required = model.card.features.find(({ required, min }) => required && min !== undefined)
    const broken = { ...values, [required?.name ?? '']: Number.NaN }
    const outcomes = await open.predict(row.variant, [
      { values, explain: true },
      { values: broken, explain: true },
      { values: {}, explain: false },
      { values, explain: false },
    ])
    expect(
      outcomes.map((outcome) => ('failure' in outcome ? outcome.failure.code : 'fine')),
    ).toEqual(['fine', 'INVALID_INPUT', 'INVALID_INPUT', 'fine'])
  })

  it('fails every row of a variant it does not have', async () => {
    const outcomes = await open.predict('none', [{ values: {}, explain: false }])
    expect(outcomes).toMatchObject([{ failure: { code: 'UNKNOWN_VARIANT' } }])
  })
})

describe('openModel', () => {
  let dir = ''
  let copy: InstalledModel
  beforeAll(async () => {
    const [model] = models
    if (!model) throw new Error('no model is shipped')
    dir = await mkdtemp(join(tmpdir(), 'presage-artifact-'))
    copy = { card: model.card, dir }
    await cp(model.dir, dir, { recursive: true })
  })
  afterAll(() => rm(dir, { recursive: true }))

  it('refuses a runtime it does not have', async () => {
    const variants = copy.card.variants.map((variant) => ({ ...variant, runtime: 'abacus' }))
    await expect(openModel({ dir, card: { ...copy.card, variants } })).rejects.toThrow(
      'this worker has no runtime abacus, only ensemble, linear, tfjs, tflite, trees',
    )
  })

  it('refuses an altered artifact and says which', async () => {
    const file = copy.card.variants[0]?.artifact ?? ''
    await writeFile(join(dir, file), '{}')
    await expect(openModel(copy)).rejects.toThrow(ArtifactError)
    await expect(openModel(copy)).rejects.toThrow(
      `${file} cannot be used: its sha256 is 44136fa355`,
    )
  })

  it('refuses a missing artifact', async () => {
    await rm(join(dir, copy.card.variants[0]?.artifact ?? ''))
    await expect(openModel(copy)).rejects.toThrow('it cannot be read; restore it')
  })
})
