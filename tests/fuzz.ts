import { repositoryRoot } from '@presage/deploy/repository'
import { startVitest } from 'vitest/node'

// `pnpm fuzz`: as many random stories as FUZZ_RUNS says, of which `npm test` plays a sample.
process.env.FUZZ_RUNS ||= '2000'
const vitest = await startVitest('test', ['tests/flow/wallet-properties.test.ts'], {
  root: repositoryRoot,
  project: 'flow',
  watch: false,
})
const failed = vitest.state.getCountOfFailedTests()
await vitest.close()
process.exitCode = failed === 0 ? 0 : 1
