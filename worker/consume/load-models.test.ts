import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CardError } from '@presage/models/card/card-error'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { expect, it, onTestFinished, vi } from 'vitest'
import { loadModels, loadPlain, NotInstalledError } from './load-models.js'

/** The shipped model in a folder of its own, its card altered. */
async function altered(change: (card: string) => string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-load-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await cp(join(MODELS_DIR, 'bio-age'), join(dir, 'bio-age'), { recursive: true })
  const file = join(dir, 'bio-age', 'model.yaml')
  await writeFile(file, change(await readFile(file, 'utf8')))
  return dir
}

it('opens what is installed, and says on which backend', async () => {
  const { ready, refused, backend } = await loadModels(await altered((card) => card))
  expect(ready).toMatchObject([{ model: 'bio-age', version: '1.0.0' }])
  expect(refused).toEqual([])
  expect(['wasm', 'tensorflow']).toContain(backend)
})

it.each([
  ['calls a feature otherwise than the artifact', 'name: albumin\n', 'name: albumen\n'],
  [
    'lets a feature out that the artifact needs',
    /(name: mcv\n.*\n.*\n.*\n.*required:) true/,
    '$1 false',
  ],
])('refuses a model whose card %s', async (_what, from, to) => {
  const { ready, refused } = await loadModels(await altered((card) => card.replace(from, to)))
  expect(ready).toEqual([])
  expect(refused).toMatchObject([
    { model: 'bio-age', version: '1.0.0', reason: expect.stringMatching(/phenoage.*missing/) },
  ])
})

it('opens only what it is told to, and does not begin without it', async () => {
  const { ready } = await loadModels(undefined, ['credit-default'])
  expect(ready.map(({ model }) => model)).toEqual(['credit-default'])
  const loading = loadModels(undefined, ['credit-default', 'credit-defualt'])
  await expect(loading).rejects.toThrow(NotInstalledError)
  await expect(loading).rejects.toThrow(
    /names credit-defualt; installed are bio-age, credit-default/,
  )
})

it('does not read the cards of what it is not told to open', async () => {
  const dir = await altered((card) => card)
  const other = join(dir, 'other')
  await mkdir(other)
  await writeFile(join(other, 'model.yaml'), 'no card')
  const { ready } = await loadModels(dir, ['bio-age'])
  expect(ready.map(({ model }) => model)).toEqual(['bio-age'])
  await expect(loadModels(dir)).rejects.toThrow(CardError)
})

it('opens what is plain once more, and leaves to the thread what does not open again', async () => {
  const dir = await altered((card) => card)
  const { ready } = await loadModels(dir)
  const served = structuredClone(ready.map(({ open: _open, costs: _costs, ...told }) => told))
  const warn = vi.fn()
  const [plain] = await loadPlain(dir, served, { warn })
  expect([...(plain?.costs.keys() ?? [])]).toEqual(['phenoage'])
  await writeFile(join(dir, 'bio-age', 'phenoage.json'), '{}')
  expect(await loadPlain(dir, served, { warn })).toEqual([])
  expect(warn).toHaveBeenCalledOnce()
})
