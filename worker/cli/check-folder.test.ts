import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { expect, it, onTestFinished } from 'vitest'
import { checkFolder } from './check-folder.js'
import { faultCount, reportText } from './report-check.js'

type Change = (text: string) => string

/** The shipped model bio-age in a folder of its own, its files altered. */
async function altered(changes: Record<string, Change> = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-check-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const folder = join(dir, 'bio-age')
  await cp(join(MODELS_DIR, 'bio-age'), folder, { recursive: true })
  for (const [name, change] of Object.entries(changes)) {
    const file = join(folder, name)
    await writeFile(file, change(await readFile(file, 'utf8')))
  }
  return dir
}

/** Changes a row of a golden file. */
const inLine =
  (line: number, from: string | RegExp, to: string): Change =>
  (text) =>
    text
      .split('\n')
      .map((each, index) => (index === line - 1 ? each.replace(from, to) : each))
      .join('\n')

const check = async (dir: string) => {
  const reports = await checkFolder(dir)
  return { text: reportText(reports), faults: faultCount(reports) }
}

it('computes the golden rows of every variant, of one model or of all in a folder', async () => {
  const dir = await altered()
  for (const folder of [dir, join(dir, 'bio-age')]) {
    const { text, faults } = await check(folder)
    expect(faults).toBe(0)
    expect(text).toContain(`bio-age 1.0.0, ${join(dir, 'bio-age')}\n`)
    expect(text).toMatch(/ {2}phenoage {2}ok: \d+ rows computed, off by \S+ at most of 0\.000001/)
    expect(text).toMatch(/ {2}network {3}ok: \d+ rows computed.*explanations add up/)
    expect(text).toMatch(/\n\n1 card checked, no faults\.$/)
  }
})

it('finds no fault in what is shipped', async () => {
  const { text, faults } = await check(MODELS_DIR)
  expect(faults, text).toBe(0)
  for (const name of ['bio-age', 'credit-default', 'depression-risk', 'portrait-cutout'])
    expect(text).toContain(`${name} `)
}, 60_000)

it('names the line and the field of a card, and reads the others', async () => {
  const dir = await altered({ 'model.yaml': (card) => card.replace('runtime: tfjs', 'runtime: 7') })
  await cp(join(MODELS_DIR, 'credit-default'), join(dir, 'credit-default'), { recursive: true })
  const { text, faults } = await check(dir)
  expect(faults).toBe(1)
  expect(text).toMatch(/bio-age\/model\.yaml {2}1 FAULT\n {4}- line \d+, variants\.1\.runtime: /)
  expect(text).toMatch(/credit-default 1\.0\.0.*\n(.*ok.*\n)+/)
})

it('names the file whose hash is not the card’s, and computes what can be', async () => {
  const { text, faults } = await check(await altered({ 'phenoage.json': (json) => `${json}\n` }))
  expect(faults).toBe(2)
  expect(text).toMatch(/ {2}files +1 FAULT.*\n {4}- phenoage\.json has sha256 \w+; the card says/)
  expect(text).toMatch(/ {2}phenoage {2}1 FAULT: not computed/)
  expect(text).toMatch(/ {2}network {3}ok/)
})

it('says which figure of which row is off, by how much', async () => {
  const golden = inLine(3, /"output":{"value":(\d\d)\b/, '"output":{"value":1$1')
  const { text, faults } = await check(await altered({ 'golden.ndjson': golden }))
  expect(faults).toBe(1)
  expect(text).toMatch(
    /- golden\.ndjson, line 3, output\.value: \S+ expected, \S+ computed: off by 100, 0\.000001 allowed/,
  )
})

it('misses golden rows, measures that nobody told of, and the file itself', async () => {
  const unknown = inLine(2, '"measures":{', '"measures":{"mood":1,')
  const removed = inLine(4, /"measures":\{[^}]*\}/, '"measures":{}')
  const dir = await altered({ 'golden.ndjson': (text) => removed(unknown(text)) })
  const { text } = await check(dir)
  expect(text).toContain('golden.ndjson, line 2, measures.mood: variant phenoage has no such')
  expect(text).toMatch(/golden\.ndjson, line 4, measures\.\w+: undefined expected, \S+ computed/)
  await rm(join(dir, 'bio-age', 'golden.ndjson'))
  expect((await check(dir)).text).toMatch(/golden +1 FAULT.*\n {4}- golden\.ndjson is missing/)
})

it('finds what the card’s example cannot be computed with', async () => {
  const optional: Change = (card) =>
    card.replace(/(name: mcv\n.*\n.*\n.*\n.*required:) true/, '$1 false')
  const { text } = await check(await altered({ 'model.yaml': optional }))
  expect(text).toContain('the card’s example, with only what must be sent, fails: mcv is missing')
})

it('says what does not go together', async () => {
  const dir = await altered()
  await cp(join(dir, 'bio-age'), join(dir, 'bio-age@1.0.0'), { recursive: true })
  expect((await check(dir)).text).toContain('version: bio-age@1.0.0 is installed twice')
  expect((await check(join(dir, 'none'))).text).toContain('the folder of models does not exist')
})

it('is a command that ends with 1 when anything is wrong', async () => {
  const run = (dir: string) =>
    new Promise<{ code: number | null; written: string }>((resolve) => {
      const command = fileURLToPath(new URL('./check.ts', import.meta.url))
      const options = ['--conditions=presage-source', '--import=tsx', command, dir]
      const child = execFile(process.execPath, options, (_error, written) =>
        resolve({ code: child.exitCode, written }),
      )
    })
  const dir = await altered()
  expect(await run(dir)).toMatchObject({
    code: 0,
    written: expect.stringMatching(/no faults\.\n$/),
  })
  await writeFile(join(dir, 'bio-age', 'golden.ndjson'), '')
  expect(await run(dir)).toMatchObject({ code: 1, written: expect.stringMatching(/2 faults\.\n$/) })
})
