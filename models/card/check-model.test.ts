import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFiles, checkGolden } from './check-model.js'
import { type InstalledModel, loadCatalogue } from './load-catalogue.js'
import { stampCard } from './stamp-card.js'

const { models } = await loadCatalogue()

const checkModel = async (model: InstalledModel) => [
  ...(await checkFiles(model)),
  ...(await checkGolden(model)).faults,
]

it.each(models.map((model) => ({ name: model.card.name, model })))(
  'the shipped model $name has whole files and sound golden rows',
  async ({ model }) => {
    expect(await checkModel(model)).toEqual([])
  },
)

describe('checkModel', () => {
  let copy: InstalledModel
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'presage-check-'))
    const [original] = models
    if (!original) throw new Error('no model is shipped')
    await cp(original.dir, join(dir, original.card.name), { recursive: true })
    copy = { card: original.card, dir: join(dir, original.card.name) }
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('notices an altered artifact, and stamping accepts it', async () => {
    const [variant] = copy.card.variants
    const artifact = variant?.artifact ?? ''
    await writeFile(join(copy.dir, artifact), '{}')
    expect((await checkModel(copy)).join()).toContain(`${artifact} has sha256 44136fa355`)
    await stampCard(join(copy.dir, 'model.yaml'), variant?.name ?? '', {
      metrics: [{ name: 'mae', value: 1.5, rows: 3 }],
    })
    const stamped = (await loadCatalogue(dir)).model(copy.card.name)
    expect(stamped && (await checkModel(stamped))).toEqual([])
    expect(stamped?.card.variants[0]?.metrics).toEqual([{ name: 'mae', value: 1.5, rows: 3 }])
  })

  it('notices golden rows that the card refuses, and too few of them', async () => {
    const row = {
      variant: copy.card.variants[0]?.name,
      input: { nonsense: 1 },
      output: { value: 1, low: null, high: null },
      measures: {},
      tolerance: 1,
    }
    await writeFile(join(copy.dir, copy.card.golden), `${JSON.stringify(row)}\n`)
    const problems = (await checkModel(copy)).join('\n')
    expect(problems).toMatch(
      /golden\.ndjson, line 1, input\.nonsense: .*no feature called nonsense/,
    )
    expect(problems).toContain('golden.ndjson has 0 sound rows of variant')
  })
  it('names line and field of what is no golden row, blank lines counted', async () => {
    await writeFile(join(copy.dir, copy.card.golden), '\n{"variant": "phenoage"}\nnonsense\n')
    const { rows, faults } = await checkGolden(copy)
    expect(rows).toEqual([])
    expect(faults[0]).toMatch(/^golden\.ndjson, line 2, input: .*; output: .*; tolerance: /)
    expect(faults[1]).toBe('golden.ndjson, line 3, it is not JSON')
    await rm(join(copy.dir, copy.card.golden))
    expect((await checkGolden(copy)).faults).toEqual([
      'golden.ndjson is missing; write it or restore it',
    ])
  })

  it('notices that a golden picture is gone', async () => {
    const drawing = models.find(({ card }) => card.task === 'image')
    if (!drawing) throw new Error('no model that draws is shipped')
    await cp(drawing.dir, join(dir, 'drawing'), { recursive: true })
    await rm(join(dir, 'drawing', 'golden', 'two_mask.png'))
    const problems = await checkModel({ card: drawing.card, dir: join(dir, 'drawing') })
    expect(problems).toEqual([
      'golden.ndjson: golden/two_mask.png is missing; restore it or correct the row',
    ])
  })
})
