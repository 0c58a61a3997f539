import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repositoryRoot } from '@presage/deploy/repository'

const LOOPBACK_ONLY = fileURLToPath(new URL('loopback-only.cjs', import.meta.url))

/** What `pnpm db:*` reads and writes; the packages that it runs are linked. */
const COPIED = [
  ...['package.json', 'pnpm-workspace.yaml'],
  ...['local', 'embedded', 'process', 'repository.ts', 'package.json'].map((it) => `deploy/${it}`),
  ...['engine', 'migrations', 'schema', 'prisma.config.ts', 'package.json'].map(
    (it) => `prisma/${it}`,
  ),
]

/** How a command ended, and all that it printed. */
export interface Ended {
  code: number
  output: string
}

/** A checkout whose schema a test may change, on a machine without a network. */
export class DatabaseCheckout {
  readonly folder = mkdtempSync(join(tmpdir(), 'presage-checkout-'))
  readonly #askedFile = join(this.folder, 'asked')

  constructor(readonly databaseUrl: string) {
    for (const part of COPIED)
      cpSync(join(repositoryRoot, part), join(this.folder, part), { recursive: true })
    for (const home of ['', 'deploy', 'prisma']) {
      mkdirSync(join(this.folder, home), { recursive: true })
      const packages = join(home, 'node_modules')
      symlinkSync(join(repositoryRoot, packages), join(this.folder, packages))
    }
  }

  /** Runs `pnpm <script>` as package.json has it, without pnpm, which itself may look for a newer. */
  run(script: string, ...args: string[]): Promise<Ended> {
    const { scripts } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8'))
    return this.shell([scripts[script], ...args].join(' '))
  }

  /** Runs a command with no way to anywhere but this machine. */
  shell(command: string): Promise<Ended> {
    const PATH = [join(repositoryRoot, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
    const env = {
      ...{ ...process.env, PATH, DATABASE_URL: this.databaseUrl, ASKED_FILE: this.#askedFile },
      NODE_OPTIONS: `--require=${LOOPBACK_ONLY}`,
      // Whatever is no Node program meets a proxy that is not there.
      ...{ HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' },
    }
    return new Promise((resolve) => {
      execFile(command, { cwd: this.folder, env, shell: true }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      ).stdin?.end()
    })
  }

  /** Who has asked for the network since the last look, and for what. */
  asked(): string[] {
    if (!existsSync(this.#askedFile)) return []
    const lines = readFileSync(this.#askedFile, 'utf8').trim().split('\n')
    rmSync(this.#askedFile)
    return lines
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
