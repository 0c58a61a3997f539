import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '@presage/deploy/repository'
import { expect, it, onTestFinished } from 'vitest'
import { openKit, TOKEN_KEYS } from '../kit/kit.js'
import { Stack } from '../kit/stack.js'

const kit = await openKit()

const hasTools = ['bash', 'curl'].every((tool) => !spawnSync(tool, ['--version']).error)

/** The commands of docs/api.md, in their order, at another address. */
async function commandsFor(url: string): Promise<string[]> {
  const page = await readFile(join(repositoryRoot, 'docs/api.md'), 'utf8')
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) =>
    block.replace('http://127.0.0.1:4000', url),
  )
}

/** A folder in which the page's imports lead into the repository. */
async function readersFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'presage-docs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await symlink(join(repositoryRoot, 'client'), join(folder, 'client'))
  return folder
}

it.skipIf(!hasTools)('every command of docs/api.md does what the page says', async () => {
  const stack = await Stack.start({ databaseUrl: kit.databaseUrl, tokenKeys: TOKEN_KEYS })
  onTestFinished(() => stack.stop())
  const blocks = await commandsFor(stack.servers[0]?.url ?? '')
  const script = ['set -eu', ...blocks].join('\necho "=== next"\n')
  const run = await promisify(execFile)('bash', ['-c', script], { cwd: await readersFolder() })
  const [, , models, account, agreed, bought, again, refused, watched, history, ...rest] =
    run.stdout.split('=== next\n')
  const [renewed, keyed, capped, withdrawn, sent, sdk] = rest
  expect(run.stdout).not.toContain('"errors":')
  expect(models).toContain('"name":"bio-age"')
  expect(account).toContain('"available":50')
  expect(agreed).toMatch(/"consentText":"What you send[\s\S]*"GiveConsentPayload"/)
  expect(bought).toMatch(/"replayed":false.*"status":"SUCCEEDED".*"captured":1.*"value":46\.74/)
  expect(again).toMatch(/"replayed":true.*"status":"SUCCEEDED".*"available":49/)
  expect(refused).toMatch(/"InvalidInputError".*"path":\["mcv"\].*"max":140.*"path":\["rdw"\]/)
  expect(watched).toMatch(/"status":"SUCCEEDED"[\s\S]*event: complete/)
  expect(history).toMatch(/"SIGN_UP_BONUS"[\s\S]*"available":58/)
  expect(renewed).toContain('"email":"you@example.org"')
  expect(keyed).toMatch(/"secret":"presage_[\s\S]*"available":58/)
  expect(capped).toMatch(/"PredictPayload"[\s\S]*"period":"DAY","cap":1,"spent":1,"needed":1/)
  expect(capped).toMatch(/"period":"MONTH","credits":500,"spent":1/)
  expect(withdrawn).toMatch(/"inForce":true[\s\S]*"canceled":\d,"erased":3[\s\S]*GiveConsent/)
  expect(sent).toMatch(
    /"UploadImagePayload"[\s\S]*"INVALID_INPUT"[\s\S]*HTTP\/1.1 200[\s\S]*image\/png/,
  )
  expect(sent).toContain('"code":"LINK_INVALID"')
  expect(sdk).toMatch(/QUEUED undefined[\s\S]*SUCCEEDED 46\.74[\s\S]*years[\s\S]*'mcv'/)
})
