import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of models that ends with the test. */
export async function modelsFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-models-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** A version of the model "line": y = slope · x, for so many credits. */
export interface LineVersion {
  version: string
  slope: number
  price?: number
  /** The largest x; 1000 by default. */
  max?: number
}

/** Installs a version of "line" beside the others, or in the folder that is given. */
export async function installLine(
  dir: string,
  line: LineVersion,
  name = `line@${line.version}`,
): Promise<void> {
  const folder = join(dir, name)
  const artifact = JSON.stringify(artifactOf(line))
  const sha256 = createHash('sha256').update(artifact).digest('hex')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'line.json'), artifact)
  await writeFile(join(folder, 'golden.ndjson'), [1, 2, 3].map((x) => goldenOf(line, x)).join('\n'))
  // JSON is YAML, too.
  await writeFile(join(folder, 'model.yaml'), JSON.stringify(cardOf(line, sha256)))
}

const artifactOf = ({ slope }: LineVersion) => ({
  intercept: 0,
  terms: [{ feature: 'x', coefficient: slope, reference: 0 }],
  output: { offset: 0, slope: 1 },
})

const goldenOf = ({ slope }: LineVersion, x: number) =>
  JSON.stringify({
    variant: 'plain',
    input: { x },
    output: { value: slope * x, low: null, high: null },
    measures: {},
    tolerance: 1e-9,
  })

const cardOf = ({ version, price = 1, max = 1000 }: LineVersion, sha256: string) => ({
  name: 'line',
  title: 'Line',
  version,
  task: 'regression',
  summary: 'A line',
  intendedUse: 'Tests',
  limits: ['Means nothing'],
  output: { title: 'Y', unit: 'metres' },
  golden: 'golden.ndjson',
  tolerance: 0.5,
  features: [{ name: 'x', title: 'X', type: 'float', required: true, min: 0, max, example: 1 }],
  variants: [
    {
      ...{ name: 'plain', title: 'Plain', summary: 'A line', price },
      ...{ runtime: 'linear', artifact: 'line.json', sha256 },
    },
  ],
  trainingData: {
    ...{ source: 'Invented', licence: 'None needed', citation: 'None', selection: 'All' },
    ...{ rows: 1, sha256: 'a'.repeat(64) },
  },
})
