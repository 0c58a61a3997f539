import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { afterAll, expect, it } from 'vitest'
import { openKit } from '../kit/kit.js'
import { bioAge, predict } from '../kit/operations.js'

/** The shipped model, whose card alone was changed: its albumin, and one more value it may be sent. */
const modelsDir = await mkdtemp(join(tmpdir(), 'presage-card-'))
await cp(join(MODELS_DIR, 'bio-age'), join(modelsDir, 'bio-age'), { recursive: true })
const file = join(modelsDir, 'bio-age', 'model.yaml')
const [before = '', after = ''] = (await readFile(file, 'utf8')).split('  - name: albumin\n')
const changed = after
  .replace('title: Albumin', 'title: Serum albumin')
  .replace('max: 7', 'max: 6')
  .replace(
    '- { symbol: g/L, name: G_PER_L, factor: 0.1 }',
    '- { symbol: mg/mL, name: MG_PER_ML, factor: 0.1 }',
  )
const steps = `  - name: steps
    title: Steps a day
    type: int
    required: false
    min: 0
    max: 90000
    example: 6000
`
await writeFile(file, `${before}${steps}  - name: albumin\n${changed}`)

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS_DIR: modelsDir } })
afterAll(() => rm(modelsDir, { recursive: true, force: true }))

const someone = async () => stack.api(await kit.user({ balance: 20 }))

it('is followed by the types of the API', async () => {
  const type = (name: string) =>
    stack.api().field<Record<string, { name: string; description: string | null }[] | null>>(
      `query ($name: String!) {
        __type(name: $name) { inputFields { name description } enumValues { name description } }
      }`,
      { name },
    )
  const { inputFields } = await type('BioAgeFeatures')
  const described = (name: string) => inputFields?.find((field) => field.name === name)?.description
  expect(described('albumin')).toBe('Serum albumin, 1 to 6 g/dL.')
  expect(described('steps')).toBe('Steps a day, 0 to 90000.')
  expect((await type('BioAgeAlbuminUnit')).enumValues).toEqual([
    { name: 'G_PER_DL', description: 'g/dL' },
    { name: 'MG_PER_ML', description: 'mg/mL' },
  ])
})

it('is followed by the check of an input', async () => {
  const answer = await predict(
    await someone(),
    bioAge('PHENOAGE', { albumin: { value: 6.5 }, steps: -1 }),
  )
  expect(answer.issues).toMatchObject([
    { path: ['steps'], message: 'Steps a day must be from 0 to 90000; -1 was sent.' },
    { path: ['albumin'], message: expect.stringContaining('Serum albumin'), unit: 'g/dL', max: 6 },
  ])
  const run = { waitMs: 30_000 }
  const usual = await predict(await someone(), bioAge(), run)
  const other = { albumin: { value: 42, unit: 'MG_PER_ML' }, steps: 6000 }
  const again = await predict(await someone(), bioAge('PHENOAGE', other), run)
  expect(again.prediction.output?.value).toBeCloseTo(usual.prediction.output?.value ?? 0, 6)
})

it('is followed by what the API tells of the model', async () => {
  const { features } = await stack.api().field<{ features: { name: string }[] }>(
    `{ model(name: "bio-age") {
      features { name title unit min max units { name symbol factor } required type }
    } }`,
  )
  const told = (name: string) => features.find((feature) => feature.name === name)
  expect(told('albumin')).toMatchObject({
    ...{ title: 'Serum albumin', unit: 'g/dL', min: 1, max: 6 },
    units: [
      { name: 'G_PER_DL', symbol: 'g/dL', factor: 1 },
      { name: 'MG_PER_ML', symbol: 'mg/mL', factor: 0.1 },
    ],
  })
  expect(told('steps')).toMatchObject({ title: 'Steps a day', required: false, type: 'INT' })
})
