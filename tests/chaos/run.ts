import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { startVitest } from 'vitest/node'
import { commitHere } from '../kit/report-head.js'
import { NOTES_VARIABLE, reportOf } from './report.js'

const REPORT = join(repositoryRoot, 'docs', 'reports', 'chaos.md')

// `pnpm chaos`: the whole of what `npm test` samples, and a report.
process.env.CHAOS_ROUNDS ||= '10'
const commit = commitHere()
const folder = await mkdtemp(join(tmpdir(), 'presage-chaos-report-'))
const notes = join(folder, 'notes')
await writeFile(notes, '')
process.env[NOTES_VARIABLE] = notes
const vitest = await startVitest('test', ['tests/chaos/'], {
  root: repositoryRoot,
  project: 'chaos',
  watch: false,
})
const failed = vitest.state.getCountOfFailedTests()
await mkdir(join(REPORT, '..'), { recursive: true })
await writeFile(REPORT, reportOf(commit, await readFile(notes, 'utf8'), failed))
await rm(folder, { recursive: true, force: true })
await vitest.close()
process.exitCode = failed === 0 ? 0 : 1
