import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, it } from 'vitest'

function start(command: string, args: readonly string[]) {
  const file = fileURLToPath(new URL(`${command}.ts`, import.meta.url))
  const argv = ['--import', 'tsx', '--conditions=presage-source', file, ...args]
  return spawn(process.execPath, argv)
}

/** Runs a command as `pnpm` does. */
async function run(command: string, args: readonly string[], input = '') {
  const child = start(command, args)
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      printed[stream] += chunk.toString()
    })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { ...printed, code }
}

const answers = '{"age":40,"sex":"FEMALE","householdSize":2,"work":"NOT_WORKING"}'

it('predicts line by line, and prints nothing else', async () => {
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

// So many lines are of more batches, and of more bytes than a pipe takes in.
it('ends in peace when nobody reads on', async () => {
  const child = start('predict', ['depression-risk'])
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  // Its input stays open, as that of a program that waits for more does.
  child.stdin.on('error', () => {})
  child.stdin.write(`${answers}\n`.repeat(2000))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect([await once(child, 'close'), stderr]).toEqual([[0, null], ''])
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
