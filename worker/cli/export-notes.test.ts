import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { sampleCard } from '@presage/models/card/sample-card'
import { expect, it, onTestFinished } from 'vitest'
import { graphArtifactSchema } from '../runtimes/tfjs/graph-file.js'
import { checkFolder } from './check-folder.js'
import { reportText } from './report-check.js'

/** Debian's own, which has its scikit-learn and XGBoost; the repository needs neither. */
const PYTHON = '/usr/bin/python3'

const notes = await readFile(join(MODELS_DIR, 'README.md'), 'utf8')
const blocks = [...notes.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, text = '']) => ({
  language,
  text,
}))
const scripts = blocks.filter(({ language }) => language === 'python').map(({ text }) => text)
const data = scripts.find((text) => text.startsWith('# data.py')) ?? ''
const exports = scripts
  .filter((text) => text !== data)
  .map((text) => ({
    title: /from sklearn\.(\w+)|import (xgboost)/.exec(text)?.slice(1).join(''),
    runtime: /^# (linear|trees)\.py writes artifact\.json/.exec(text)?.[1] ?? '',
    text,
  }))

const hasLibraries = (() => {
  try {
    execFileSync(PYTHON, ['-c', 'import sklearn, xgboost'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const number = (name: string, max: number) => ({
  ...{ name, title: name, type: 'float', required: true, min: 0, max, example: 5 },
})

/** A card for what the scripts of the notes export. */
const cardOf = (runtime: string, artifact: string) => ({
  ...{ ...sampleCard(), name: 'exported', task: 'classification' },
  output: {
    ...{ title: 'Risk', labels: { positive: 'yes', negative: 'no' }, threshold: 0.5 },
    ...{ bands: [{ name: 'all', title: 'All' }], meaning: '{count} of 100' },
  },
  features: [number('age', 120), number('visits', 20)],
  variants: [
    {
      ...{ name: 'plain', title: 'Plain', summary: 'Exported', price: 1 },
      ...{ runtime, artifact: 'artifact.json' },
      sha256: createHash('sha256').update(artifact).digest('hex'),
      explanation: { method: 'shares', unit: 'log-odds', baseline: 'The mean' },
    },
  ],
})

it('the notes export from three libraries', () => {
  expect(exports.map(({ title, runtime }) => `${title} ${runtime}`)).toEqual([
    'linear_model linear',
    'xgboost trees',
    'ensemble trees',
  ])
})

it.skipIf(!hasLibraries).each(exports)(
  'what $title exports answers and explains as the library does',
  async ({ runtime, text }) => {
    const dir = await mkdtemp(join(tmpdir(), 'presage-export-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const folder = join(dir, 'exported')
    await mkdir(folder)
    await writeFile(join(folder, 'data.py'), data)
    await writeFile(join(folder, 'script.py'), text)
    execFileSync(PYTHON, ['script.py'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
    const artifact = await readFile(join(folder, 'artifact.json'), 'utf8')
    await writeFile(join(folder, 'model.yaml'), JSON.stringify(cardOf(runtime, artifact)))
    const said = reportText(await checkFolder(folder))
    expect(said).toMatch(/plain +ok: 20 rows computed.*explanations add up/)
    expect(said).toContain('no faults')
  },
)

it('shows an artifact of a network that can be read', () => {
  const shown = blocks.find(({ text }) => text.includes('"graph": "model.json"'))?.text
  expect(graphArtifactSchema.parse(JSON.parse(shown ?? '')).encoding).toHaveLength(2)
})
