import { linkSync, rmSync } from 'node:fs'
import { forgetProcess, recordedProcess, recordProcess } from './process-record.js'

/** Another running process works in the folder. */
export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
  constructor(
    readonly what: string,
    readonly pid: number,
  ) {
    super(
      `${what} is in use by process ${pid}. Stop that one first, or set DATA_DIR to another folder.`,
    )
  }
}

/**
 * Takes the lock for this process. A lock whose holder is gone, however it ended, is no lock.
 * @param what names the locked thing in the error
 * @throws {FolderInUseError}
 * @returns the release
 */
export function takeLock(file: string, what: string): () => void {
  const own = `${file}.${process.pid}`
  recordProcess(own, process.pid)
  try {
    if (!linked(own, file)) replaceStale(own, file, what)
  } finally {
    rmSync(own, { force: true })
  }
  return () => forgetProcess(file)
}

function replaceStale(own: string, file: string, what: string) {
  const holder = recordedProcess(file)
  if (holder) throw new FolderInUseError(what, holder.pid)
  forgetProcess(file)
  if (linked(own, file)) return
  throw new FolderInUseError(what, recordedProcess(file)?.pid ?? 0)
}

/** A link appears whole or not at all, and never over another. */
function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
