// `npm test`: all tests from a fresh clone. Needs nothing but Node and npm.
// Arguments go to vitest: `npm test -- --project unit`.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { prepare } from './bootstrap/prepare.mjs'
import { cacheFolder, repositoryRoot } from './bootstrap/repository.mjs'

const REPORT = join(cacheFolder, 'vitest.json')

/** Runs a tool of the repository with its output on the terminal; resolves with the exit code. */
function runTool(packageName, script, args) {
  const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`)
  const argv = [join(dirname(manifest), script), ...args]
  const child = spawn(process.execPath, argv, { cwd: repositoryRoot, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** Counts from vitest's report; a run that broke off before it reported is one failure. */
async function runTests(args) {
  rmSync(REPORT, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
  const code = await runTool('vitest', 'vitest.mjs', ['run', ...reporters, ...args])
  try {
    const report = JSON.parse(readFileSync(REPORT, 'utf8'))
    const failed = report.numFailedTests + suitesThatDidNotLoad(report)
    return {
      passed: report.numPassedTests,
      failed: failed || (code === 0 ? 0 : 1),
      skipped: skippedOf(report),
    }
  } catch {
    return { passed: 0, failed: 1, skipped: new Map() }
  }
}

const suitesThatDidNotLoad = ({ testResults }) =>
  testResults.filter((it) => it.status === 'failed' && it.assertionResults.length === 0).length

/** How many tests were skipped of each group; those that may be name the reason in their title. */
function skippedOf({ testResults }) {
  const groups = new Map()
  for (const { assertionResults } of testResults)
    for (const { status, ancestorTitles, title } of assertionResults)
      if (status === 'skipped' || status === 'pending') {
        const group = ancestorTitles.join(' ') || title
        groups.set(group, (groups.get(group) ?? 0) + 1)
      }
  return groups
}

/** The type tests hold when everything type-checks: what must not compile is marked so. */
async function checkTypes() {
  const code = await runTool('typescript', 'bin/tsc', ['--noEmit', '-p', 'tsconfig.json'])
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

try {
  await prepare()
  const args = process.argv.slice(2)
  const tests = await runTests(args)
  console.log('Checking types')
  const types = await checkTypes()
  const passed = tests.passed + types.passed
  const failed = tests.failed + types.failed
  console.log(`\nTests: ${tests.passed} passed, ${tests.failed} failed`)
  console.log(`Types: ${types.failed === 0 ? 'right' : 'wrong, see above'}`)
  for (const [group, count] of tests.skipped) console.log(`Skipped: ${count} of ${group}`)
  console.log()
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  console.error(`\n${process.env.DEBUG ? error.stack : error.message}`)
  console.log('\n0 passed, 1 failed')
  process.exitCode = 1
}
