import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { CardError } from './card-error.js'
import { compareVersions, loadCatalogue } from './load-catalogue.js'
import { sampleCard } from './sample-card.js'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'presage-models-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function put(folder: string, card: unknown) {
  await mkdir(join(dir, folder))
  const text = typeof card === 'string' ? card : stringify(card)
  await writeFile(join(dir, folder, 'model.yaml'), text)
}

describe('loadCatalogue', () => {
  it('sells the newest version and still knows the older', async () => {
    await put('sample', { ...sampleCard(), version: '1.9.0' })
    await put('sample@1.10.0', { ...sampleCard(), version: '1.10.0' })
    await mkdir(join(dir, 'not-a-model'))
    const catalogue = await loadCatalogue(dir)
    expect(catalogue.models).toHaveLength(1)
    expect(catalogue.model('sample')?.card.version).toBe('1.10.0')
    expect(catalogue.version('sample', '1.9.0')?.dir).toBe(join(dir, 'sample'))
    expect(catalogue.model('other')).toBeUndefined()
  })

  it('reads every version of the models that are named, and no other card', async () => {
    await put('sample', { ...sampleCard(), version: '1.9.0' })
    await put('sample@1.10.0', { ...sampleCard(), version: '1.10.0' })
    await put('sample-two', 'no card')
    const { installed } = await loadCatalogue(dir, ['sample'])
    expect(installed.map(({ card }) => card.version).sort()).toEqual(['1.10.0', '1.9.0'])
    expect((await loadCatalogue(dir, ['other'])).installed).toEqual([])
  })

  it('names file, place and remedy of a bad card', async () => {
    await put('sample', { ...sampleCard(), version: 'one' })
    const loading = loadCatalogue(dir)
    await expect(loading).rejects.toThrow(CardError)
    await expect(loading).rejects.toThrow(
      `${join(dir, 'sample/model.yaml')} cannot be used:\n  - line 3, version: must be three numbers such as 1.0.0`,
    )
  })

  it('says that a file is not YAML', async () => {
    await put('sample', 'name: [')
    await expect(loadCatalogue(dir)).rejects.toThrow('it is not readable YAML; correct it')
  })

  it('names the line of each fault, and where what is missing should stand', async () => {
    const [albumin, ...features] = sampleCard().features
    const broken = { ...albumin, min: 9, title: undefined }
    const text = stringify({ ...sampleCard(), features: [broken, ...features], colour: 'red' })
    await put('sample', text)
    const line = (start: string) => text.split('\n').findIndex((each) => each.startsWith(start)) + 1
    await expect(loadCatalogue(dir)).rejects.toThrow(
      [
        `line ${line('  - name: albumin')}, features.0.title: is missing`,
        `line ${line('colour')}, colour: Unrecognized key: "colour"`,
      ].join('\n  - '),
    )
  })

  it('refuses two models, or two features, that the API would call alike', async () => {
    await put('sample-2', { ...sampleCard(), name: 'sample-2' })
    await put('sample2', { ...sampleCard(), name: 'sample2' })
    await expect(loadCatalogue(dir)).rejects.toThrow(
      `${join(dir, 'sample2/model.yaml')} cannot be used:\n  - name: the model sample-2 and the model sample2 would both be Sample2Input in the API; rename one`,
    )
    await rm(join(dir, 'sample-2'), { recursive: true })
    const variant = { ...sampleCard().features[2], name: 'variant' }
    const features = [...sampleCard().features, variant]
    await put('sample', { ...sampleCard(), features })
    await expect(loadCatalogue(dir)).rejects.toThrow(
      'the model sample and variant of sample would both be SampleVariant in the API',
    )
  })

  it('says that there is no model', async () => {
    await mkdir(join(dir, 'empty'))
    await expect(loadCatalogue(dir)).rejects.toThrow('no folder in it holds a model.yaml')
  })

  it('refuses a folder of another name', async () => {
    await put('other', sampleCard())
    await expect(loadCatalogue(dir)).rejects.toThrow('rename the folder to sample or sample@1.0.0')
  })

  it('refuses one version twice', async () => {
    await put('sample', sampleCard())
    await put('sample@1.0.0', sampleCard())
    await expect(loadCatalogue(dir)).rejects.toThrow('sample@1.0.0 is installed twice')
  })

  it('refuses a version that does not take what the one before it takes', async () => {
    const features = sampleCard().features.filter(({ name }) => name !== 'visits')
    await put('sample@1.0.0', sampleCard())
    await put('sample@1.1.0', { ...sampleCard(), version: '1.1.0', features })
    await expect(loadCatalogue(dir)).rejects.toThrow(
      `${join(dir, 'sample@1.1.0/model.yaml')} cannot be used:\n  - feature visits: is missing\n  - version: 1.1.0 must take all that 1.0.0 takes`,
    )
  })

  it('says that the folder does not exist', async () => {
    await expect(loadCatalogue(join(dir, 'none'))).rejects.toThrow('does not exist')
  })

  it('finds the shipped models by itself', async () => {
    const { models } = await loadCatalogue()
    expect(models.map(({ card }) => card.name)).toContain('bio-age')
  })
})

describe('compareVersions', () => {
  it('orders by numbers, not by letters', () => {
    expect(['1.10.0', '1.9.9', '2.0.0'].sort(compareVersions)).toEqual(['1.9.9', '1.10.0', '2.0.0'])
    expect(compareVersions('1.0.0', '1.0.0')).toBe(0)
  })
})
