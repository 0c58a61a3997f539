import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackDebianPackages } from './debian-packages.mjs'

/**
 * Takes nats-server out of the distribution's own package; Debian 12 has 2.9, which is too old.
 * @param {string} target
 * @param {(line: string) => void} log
 */
export async function fetchDebianPackage(target, log) {
  const unpacked = `${target}.${process.pid}.package`
  try {
    await unpackDebianPackages({ packages: ['nats-server'], target: unpacked, log })
    await copyFile(join(unpacked, 'usr/sbin/nats-server'), `${target}.${process.pid}`)
    await rename(`${target}.${process.pid}`, target)
  } finally {
    await rm(unpacked, { recursive: true, force: true })
  }
}
