import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'
import { startVitest } from 'vitest/node'
import { commitHere } from '../kit/report-head.js'
import { NOTE_VARIABLE, reportOf } from './report.js'

const REPORT = join(repositoryRoot, 'docs', 'reports', 'soak.md')

// `pnpm soak`: an hour, or as many minutes as SOAK_MINUTES says, and a report.
process.env.SOAK_MINUTES ||= '60'
const commit = commitHere()
const folder = await mkdtemp(join(tmpdir(), 'presage-soak-report-'))
const note = join(folder, 'note')
await writeFile(note, '')
process.env[NOTE_VARIABLE] = note
const vitest = await startVitest('test', ['tests/soak/'], {
  root: repositoryRoot,
  project: 'chaos',
  watch: false,
})
const failed = vitest.state.getCountOfFailedTests()
await mkdir(join(REPORT, '..'), { recursive: true })
await writeFile(REPORT, reportOf(commit, await readFile(note, 'utf8')))
await rm(folder, { recursive: true, force: true })
await vitest.close()
process.exitCode = failed === 0 ? 0 : 1
