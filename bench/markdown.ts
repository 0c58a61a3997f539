import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()

/** What was measured where: the command, the commit, Node and the processor. */
export function measuredAt(command: string): string {
  const changes = git('status', '--porcelain') ? ' with changes' : ''
  const commit = git('rev-parse', '--short', 'HEAD') + changes
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
  return `\`${command}\` at ${commit}, Node ${process.version}, ${processor}.`
}

/** A number with its thousands set apart; a dash where there is none. */
export const number = (value: number | undefined, digits = 0) =>
  value === undefined
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** A table in Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
