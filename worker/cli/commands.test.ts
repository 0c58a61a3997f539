import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, it } from 'vitest'

/** Runs a command as `pnpm` does. */
async function run(command: string, args: readonly string[], input = '') {
  const file = fileURLToPath(new URL(`${command}.ts`, import.meta.url))
  const argv = ['--import', 'tsx', '--conditions=presage-source', file, ...args]
  const child = spawn(process.execPath, argv)
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      printed[stream] += chunk.toString()
    })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { ...printed, code }
}

it('predicts line by line, and prints nothing else', async () => {
  const answers = '{"age":40,"sex":"FEMALE","householdSize":2,"work":"NOT_WORKING"}'
  const { stdout, stderr, code } = await run(
    'predict',
    ['depression-risk', '--variant', 'COMPARE', '--explain'],
    `${answers}\n{"age":17}\n`,
  )
  expect([code, stderr]).toEqual([0, ''])
  const [sound, bad, ...more] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(sound.explanation.method).toBe('mean-of-members')
  expect(bad.error.issues.map(({ path }: { path: string[] }) => path[0])).toEqual([
    ...['age', 'sex', 'householdSize', 'work'],
  ])
  expect(more).toEqual([])
})

it('writes the picture of an upload into a new folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'presage-predict-'))
  const out = join(folder, 'new')
  const photo = fileURLToPath(
    new URL('../../models/portrait-cutout/golden/astronaut.jpg', import.meta.url),
  )
  const args = ['portrait-cutout', '--out', out]
  const { stdout, stderr, code } = await run('predict', args, JSON.stringify({ photo }))
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(JSON.stringify(join(out, '1.png')))
  const { width, hasAlpha } = await sharp(join(out, '1.png')).metadata()
  expect({ width, hasAlpha }).toEqual({ width: 512, hasAlpha: true })
  await rm(folder, { recursive: true })
})

it.each([
  ['predict', [], 'Name a model: bio-age'],
  ['predict', ['blood'], 'not blood'],
  ['predict', ['credit-default', '--variant', 'linear'], 'has the variants boosted; not linear'],
  ['evaluate', ['blood'], 'not blood'],
  ['evaluate', ['credit-default', '--data', '/nowhere'], 'There is no table /nowhere'],
])('%s %j says what it needs', async (command, args, message) => {
  const { stdout, stderr, code } = await run(command, args)
  expect(stderr).toContain(message)
  expect([code, stdout]).toEqual([1, ''])
})
