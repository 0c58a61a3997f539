import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** Which code is here. */
export function commitHere(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const head = git('rev-parse', 'HEAD')
  return git('status', '--porcelain', '--', '.', ':!docs') === ''
    ? head
    : `${head}, with changes that were not committed`
}

/** The first line of a long suite's report: the command, the code, the time and the machine. */
export function reportHead(command: string, commit: string): string {
  const { version, platform, arch } = process
  const machine = `Node ${version}, ${platform} ${arch}, ${cpus().length} cores`
  return `\`${command}\` on commit ${commit}; ${new Date().toISOString()}, ${machine}.`
}
