import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createPresage } from '@presage/client'
import { repositoryRoot } from '@presage/deploy/repository'
import { openSession } from '@presage/domain/identity/open-session'
import { describe, it, type TestContext, vi } from 'vitest'
import { FrozenLine } from '../../kit/frozen-line.js'
import { openKit } from '../../kit/kit.js'
import { topUpMany, upTo } from './log.js'

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })

// Both wait at the same time. A server misses its client after two pings, 24 s; a client its server after 17 s.
vi.setConfig({ testTimeout: 180_000 })
/** Bytes: a server keeps 1 MiB for a socket that is not read. */
const MORE_THAN_WAITS = 3_000_000

const SOON = { timeout: 60_000, interval: 50 }

/** A user with tokens for an SDK, and a line to the first server. */
async function someone({ onTestFinished }: TestContext) {
  const { seeds } = kit
  const user = await kit.user()
  const account = { id: user.userId, email: user.email, isAdmin: false }
  const { accessToken, refreshToken, accessTokenExpiresAt } = await seeds.db.prisma.$transaction(
    (tx) => openSession(seeds.identity, tx, account, { device: 'test', address: '127.0.0.1' }),
  )
  const line = await FrozenLine.to(stack.servers[0]?.url ?? '')
  onTestFinished(() => line.close())
  const tokens = {
    ...{ accessToken, refreshToken },
    accessTokenExpiresAt: accessTokenExpiresAt.toISOString(),
  }
  return { user, line, tokens, url: `${line.url}/graphql` }
}

/** The SDK as a program of its own, and the lines that it prints. */
function sleeper({ expect, onTestFinished }: TestContext, setup: object) {
  const program = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--conditions', 'presage-source'],
      ...[join(repositoryRoot, 'tests/kit/sleeper.ts'), JSON.stringify(setup)],
    ],
    { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void program.kill('SIGKILL'))
  let printed = ''
  program.stdout.on('data', (chunk) => {
    printed += chunk
  })
  const lines = () => printed.split('\n').slice(0, -1)
  return {
    program,
    lines,
    printed: (count: number) =>
      vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(count), SOON),
  }
}

describe.concurrent('a laptop that sleeps', () => {
  it('goes on where it was, each event once, though the server has given it up', async (test) => {
    const { expect } = test
    const { user, line, tokens, url } = await someone(test)
    // Over the line only the socket goes, whose end is waited for.
    const direct = `${stack.servers[0]?.url}/graphql`
    const sleepers = [
      sleeper(test, { url, tokens, subscriptions: 'ws' }),
      sleeper(test, { url: direct, tokens, subscriptions: 'sse' }),
    ]
    const signal = (name: NodeJS.Signals) => {
      for (const { program } of sleepers) program.kill(name)
    }
    const allPrinted = (count: number) => Promise.all(sleepers.map(({ printed }) => printed(count)))
    await allPrinted(1)
    await topUpMany(kit, user.userId, 10)
    await allPrinted(11)
    signal('SIGSTOP')
    await topUpMany(kit, user.userId, 300, MORE_THAN_WAITS / 300)
    await vi.waitFor(() => expect(line.size).toBe(0), SOON)
    await topUpMany(kit, user.userId, 300)
    signal('SIGCONT')
    await allPrinted(611)
    await topUpMany(kit, user.userId, 1)
    await allPrinted(612)
    for (const { lines } of sleepers)
      expect(lines()).toEqual(['FeedOpened', ...upTo(611).map(String)])
  })
})

describe.concurrent('a line whose other end has vanished without a word', () => {
  it('is given up by both sides, and the events go on at another server', async (test) => {
    const { expect, onTestFinished } = test
    const { user, line, tokens, url } = await someone(test)
    const presage = createPresage({ url })
    onTestFinished(() => presage.close())
    await presage.setTokens(tokens)
    const told: number[] = []
    const follow = async () => {
      for await (const event of presage.subscribe.events())
        told.push(event.__typename === 'WalletChanged' ? event.transaction.availableAfter : 0)
    }
    const following = follow()
    following.catch(() => {})
    await vi.waitFor(() => expect(told).toEqual([0]), SOON)
    const givenUp = line.freeze()
    line.switchTo(stack.servers[1]?.url ?? '')
    await topUpMany(kit, user.userId, 300)
    await Promise.all([givenUp.caller, givenUp.server])
    await vi.waitFor(() => expect(told.length).toBe(301), SOON)
    await topUpMany(kit, user.userId, 1)
    await vi.waitFor(() => expect(told.length).toBe(302), SOON)
    expect(told).toEqual([0, ...upTo(301)])
  })
})
