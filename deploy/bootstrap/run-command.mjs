import { spawn } from 'node:child_process'

/** A command that ended with a failure; the message holds the end of its output. */
class CommandError extends Error {
  name = 'CommandError'
}

const TAIL_LINES = 40

/**
 * Runs a program to its end and returns what it wrote to stdout and stderr, in order.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeoutMs?: number, onLine?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export function runCommand(program, args, { cwd, env, timeoutMs, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      // npx is a script there.
      shell: process.platform === 'win32',
    })
    let output = ''
    const collect = (chunk) => {
      output += chunk
      if (onLine) for (const line of String(chunk).split('\n')) if (line.trim()) onLine(line)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', (error) => reject(new CommandError(`${program}: ${error.message}`)))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output)
      const end = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
      reject(
        new CommandError(
          `${program} ${args.join(' ')} failed (${signal ?? `exit ${code}`})\n${end}`,
        ),
      )
    })
  })
}
