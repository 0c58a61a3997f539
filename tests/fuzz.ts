import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { startVitest } from 'vitest/node'
import { commitHere, reportHead } from './kit/report-head.js'

const REPORT = join(repositoryRoot, 'docs', 'reports', 'fuzz.md')

// `pnpm fuzz`: as many random stories as FUZZ_RUNS says, of which `npm test` plays a sample.
process.env.FUZZ_RUNS ||= '2000'
const commit = commitHere()
const files = ['tests/flow/wallet-properties.test.ts', 'tests/flow/alone-or-met.test.ts']
const vitest = await startVitest('test', files, {
  root: repositoryRoot,
  project: 'flow',
  watch: false,
})
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
const line = (test: (typeof tests)[number]) => `- ${test.name}: ${test.result().state}`
await mkdir(join(REPORT, '..'), { recursive: true })
await writeFile(
  REPORT,
  `# Fuzz

${reportHead('pnpm fuzz', commit)}

${process.env.FUZZ_RUNS} random stories for each property, on real PostgreSQL:

${tests.map(line).join('\n')}
`,
)
const failed = vitest.state.getCountOfFailedTests()
await vitest.close()
process.exitCode = failed === 0 ? 0 : 1
