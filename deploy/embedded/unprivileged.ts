import { execFileSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** A way to run a program that refuses to run as root. */
export interface Unprivileged {
  /** What stands before the program on the command line; it ends by becoming the program. */
  readonly prefix: readonly string[]
  readonly uid?: number
  readonly gid?: number
  /** Who owns the program's files, seen from here. */
  readonly owner?: { uid: number; gid: number }
}

/**
 * Finds a way to run `program` on the files of `folder` without being root: as we are, when we are
 * not root; else, in order of preference,
 * - as the folder's owner, when that is an ordinary user, who may start it without root later;
 * - as ourselves under another name, in a user namespace: files stay root's and are reached as root
 *   reaches them. Not allowed in many containers;
 * - as another account that keeps the one right to pass folders closed to it, as `/root` is;
 * - as another account, where it reaches the program and the folder.
 * @throws when there is none
 */
export function unprivileged(program: string, folder: string): Unprivileged {
  if (process.getuid?.() !== 0 && hasAccount()) return { prefix: [] }
  const found = candidates(folder).find((way) => works(way, program, folder))
  if (found) return found
  throw new Error(
    `PostgreSQL does not run as root, and no other account of this machine reaches ${folder}. ` +
      'Start as an ordinary user, move the folder to where all users can go, or set DATABASE_URL.',
  )
}

function candidates(folder: string): Unprivileged[] {
  if (process.getuid?.() !== 0) return [inNamespace()]
  const accounts = ['postgres', 'nobody'].flatMap((name) => accountOf(name) ?? [])
  const { uid, gid } = statSync(folder)
  return [
    ...(uid === 0 ? [] : [{ prefix: [], uid, gid, owner: { uid, gid } }]),
    inNamespace(),
    ...accounts.map(passingClosedFolders),
    ...accounts.map((owner) => ({ prefix: [], ...owner, owner })),
  ]
}

/** initdb asks for the name of its user, which a container may run without. */
function hasAccount() {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

function accountOf(name: string) {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString())
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/** The account inside must have a name, so it is one that every system has. */
function inNamespace(): Unprivileged {
  const { uid, gid } = accountOf('nobody') ?? { uid: 65534, gid: 65534 }
  const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--']
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  return { prefix, owner: own }
}

/** The security bit makes access(2), by which PostgreSQL looks at its own files, count the right. */
function passingClosedFolders(owner: { uid: number; gid: number }): Unprivileged {
  const account = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups']
  const right = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const prefix = ['setpriv', '--securebits=+no_setuid_fixup', ...account, ...right, '--']
  return { prefix, owner }
}

/** Tries what PostgreSQL will do: find and start the program, and look into the folder. */
function works(way: Unprivileged, program: string, folder: string) {
  const attempts = [
    [program, '--version'],
    ['test', '-x', program],
    ['ls', folder],
  ]
  return attempts.every((attempt) => runs(way, attempt))
}

function runs({ prefix, uid, gid }: Unprivileged, command: string[]) {
  const [program = '', ...rest] = [...prefix, ...command]
  try {
    execFileSync(program, rest, { stdio: 'ignore', timeout: 10_000, uid, gid })
    return true
  } catch {
    return false
  }
}

/**
 * Hands what lies under `path` to the owner, when an earlier start left it to another. The folder
 * itself comes last: it belongs to the owner only once all in it does.
 */
export function giveTo(owner: Unprivileged['owner'], path: string) {
  if (!owner) return
  const stat = lstatSync(path)
  if (stat.uid === owner.uid) return
  if (stat.isDirectory()) for (const name of readdirSync(path)) giveTo(owner, join(path, name))
  chownSync(path, owner.uid, owner.gid)
}
