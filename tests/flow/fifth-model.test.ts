import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { expect, it } from 'vitest'
import { ledgerFaults } from '../kit/check-ledger.js'
import { openKit } from '../kit/kit.js'
import { modelsFolder } from '../kit/line-model.js'
import { ModelNotes } from '../kit/model-notes.js'
import { typeFaults } from '../kit/type-faults.js'

const kit = await openKit()

const hasBash = !spawnSync('bash', ['--version']).error

/** Ten miles and 300 m of ascent by Naismith's rule: 12 minutes a kilometre, one for ten metres. */
const MINUTES = 12 * 10 * 1.609344 + 300 / 10

interface Sold {
  prediction: {
    charge: { captured: number }
    output: { value: number; unit: string }
    explanation: {
      baseline: number
      contributions: {
        feature: { name: string; unit: string }
        value: number
        contribution: number
      }[]
    }
  }
  wallet: { available: number }
}

// It runs six commands of the page besides a server, a worker and a compiler.
it.skipIf(!hasBash)(
  'a fifth model is sold as models/README.md says, without code',
  async () => {
    const dir = await modelsFolder()
    const notes = await ModelNotes.read(dir)
    const [, sum, , checked, predicted] = await notes.follow('npm start')
    const card = await readFile(join(dir, 'hiking-time', 'model.yaml'), 'utf8')
    expect(card).toContain(`sha256: ${sum?.slice(0, 64)}`)
    expect(checked).toMatch(/ {2}naismith {2}ok: 20 rows computed.*explanations add up/)
    expect(checked).toContain('1 card checked, no faults.')
    const [shown = '', variables = ''] = notes.of('json')
    expect(JSON.parse(predicted ?? '')).toEqual(JSON.parse(shown))

    // The programs that `npm start` starts, with what it hands on to them.
    expect(notes.command('npm start')).toMatch(/^MODELS_DIR="\$PWD\/my-models" npm start\n$/)
    const stack = await kit.stack({ env: { MODELS_DIR: dir } })
    const walker = await kit.user({ balance: 10 })
    const api = stack.api(walker)
    const models = '{ models { name version variants { name price } } }'
    expect(await api.field(models)).toEqual([
      { name: 'hiking-time', version: '1.0.0', variants: [{ name: 'naismith', price: 2 }] },
    ])
    const { input, run } = JSON.parse(variables)
    const quote = `query ($input: PredictInput!) {
    quote(input: $input) { ... on Quote { price available } }
  }`
    expect(await api.field(quote, { input })).toEqual({ price: 2, available: 10 })
    const [predict = ''] = notes.of('graphql')
    const { prediction, wallet } = await api.field<Sold>(predict, { input, run })
    expect(prediction.charge).toEqual({ captured: 2 })
    expect(wallet).toEqual({ available: 8 })
    expect(prediction.output.unit).toBe('minutes')
    expect(prediction.output.value).toBeCloseTo(MINUTES, 9)
    const { baseline, contributions } = prediction.explanation
    expect(baseline).toBe(0)
    expect(contributions.map(({ feature }) => feature)).toEqual([
      { name: 'distance', unit: 'km' },
      { name: 'ascent', unit: 'm' },
    ])
    expect(contributions[0]?.contribution).toBeCloseTo(12 * 16.09344, 9)
    expect(contributions[1]?.contribution).toBeCloseTo(30, 9)
    const tooFar = { hikingTime: { features: { distance: { value: 101 }, ascent: -1 } } }
    expect(await api.field(predict, { input: tooFar, run })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['distance'] }, { path: ['ascent'] }],
    })
    expect(await ledgerFaults(kit.seeds, [walker.userId])).toEqual([])

    // One command types the callers of this very server.
    const url = `${stack.servers[0]?.url}/graphql`
    const command = notes.command('presage-types').replace('http://127.0.0.1:4000/graphql', url)
    await notes.run(command)
    const right = join(dir, 'right.ts')
    const wrong = join(dir, 'wrong.ts')
    const [shownCode = ''] = notes.of('ts')
    await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
    await writeFile(right, shownCode)
    const sent = (features: string, model = 'hikingTime') =>
      `presage.quote({ ${model}: { features: ${features} } })\n`
    await writeFile(
      wrong,
      `import { presage } from './right.js'\n${[
        sent('{ distance: { value: 10, unit: "LEAGUES" }, ascent: 300 }'),
        sent('{ distance: { value: 10 } }'),
        sent('{ distance: { value: 10 }, ascent: "high" }'),
        sent('{ distance: { value: 10 }, ascent: 300 }', 'bioAge'),
      ].join('')}`,
    )
    expect(typeFaults([right, wrong])).toEqual([
      expect.stringContaining(`"LEAGUES"' is not assignable to type 'HikingTimeDistanceUnit`),
      expect.stringContaining(`'ascent' is missing`),
      expect.stringContaining(`'string' is not assignable to type 'number'`),
      expect.stringMatching(/^wrong.ts: .*'bioAge' does not exist in type/s),
    ])
  },
  180_000,
)

it('presage-types says why a schema cannot be read', async () => {
  const bin = join(repositoryRoot, 'client', 'sdk', 'bin', 'presage-types.mjs')
  const said = (token: string, ...args: string[]) =>
    new Promise<string>((resolve) => {
      const env = { ...process.env, PRESAGE_TOKEN: token }
      execFile(process.execPath, [bin, ...args], { env }, (error, _out, err) =>
        resolve(`${error?.code} ${err}`),
      )
    })
  const closed = createServer(({ headers }, response) => {
    const message = `No introspection for ${headers.authorization ?? 'nobody'}.`
    response.end(JSON.stringify({ errors: [{ message }] }))
  })
  await once(closed.listen(0, '127.0.0.1'), 'listening')
  const { port } = closed.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/graphql`
  expect(await said('')).toMatch(/^1 presage-types --url/)
  expect(await said('', '--url', url)).toBe(
    `1 The schema of ${url} cannot be read: No introspection for nobody. If it shows its schema to some only, set PRESAGE_TOKEN to a key.\n`,
  )
  expect(await said('key', '--url', url)).toContain('No introspection for Bearer key.\n')
  closed.close()
  await once(closed, 'close')
  expect(await said('', '--url', url)).toContain('cannot be read: connect ECONNREFUSED')
})
