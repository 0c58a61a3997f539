import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { sampleCard } from '@presage/models/card/sample-card'
import { expect, it, onTestFinished } from 'vitest'

/** How a server ends that is started with these cards; no database is needed to refuse them. */
async function startedWith(cards: readonly object[]) {
  const dir = await mkdtemp(join(tmpdir(), 'presage-start-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  for (const card of cards) {
    const folder = join(dir, 'name' in card ? String(card.name) : 'sample')
    await mkdir(folder)
    await writeFile(join(folder, 'model.yaml'), JSON.stringify(card, null, 1))
  }
  const env = {
    ...process.env,
    MODELS_DIR: dir,
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    TOKEN_KEYS: `test:${'k'.repeat(32)}`,
  }
  const main = join(repositoryRoot, 'server', 'dist', 'main.js')
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = execFile(process.execPath, [main], { env }, (_error, _out, said) =>
      resolve({ code: child.exitCode, said: said.replaceAll(dir, '') }),
    )
  })
}

it('a server does not start on a bad card, and says where and why', async () => {
  const { code, said } = await startedWith([{ ...sampleCard(), golden: '../golden.ndjson' }])
  expect(code).toBe(1)
  expect(said).toBe(
    `The model card /sample/model.yaml cannot be used:
  - line 15, golden: must not leave the folder of the card
`,
  )
})

it('a server does not start with two models that would share a key', async () => {
  const twins = ['sample-2', 'sample2'].map((name) => ({ ...sampleCard(), name }))
  const { code, said } = await startedWith(twins)
  expect(code).toBe(1)
  expect(said).toContain('the model sample-2 and the model sample2 would both be Sample2Input')
  expect(said).not.toContain('    at ')
})

it('a server does not start without any model', async () => {
  const { code, said } = await startedWith([])
  expect(code).toBe(1)
  expect(said).toContain('no folder in it holds a model.yaml')
})
