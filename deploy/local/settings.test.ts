import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '../repository.js'
import { readSettings, SettingsError } from './settings.js'

test('an empty environment means an embedded Presage on port 4000 with two workers', () => {
  expect(readSettings({ PORT: '', DATABASE_URL: '' }, [])).toEqual({
    dataDir: join(repositoryRoot, '.data'),
    port: 4000,
    workers: 2,
    databaseUrl: undefined,
    natsUrl: undefined,
    backup: undefined,
    admin: undefined,
    once: false,
  })
})

test('everything can be set', () => {
  const env = {
    DATA_DIR: '/var/lib/presage',
    PORT: '0',
    WORKERS: '5',
    DATABASE_URL: 'postgresql://me:pw@db:5432/presage',
    NATS_URL: 'nats://a:4222, tls://b:4222',
    ADMIN_EMAIL: 'ada@example.org',
    ADMIN_PASSWORD: 'twelve letters',
  }
  expect(readSettings(env, ['--once'])).toEqual({
    dataDir: '/var/lib/presage',
    port: 0,
    workers: 5,
    databaseUrl: env.DATABASE_URL,
    natsUrl: env.NATS_URL,
    backup: undefined,
    admin: { email: 'ada@example.org', password: 'twelve letters' },
    once: true,
  })
})

const faultsOf = (env: Record<string, string>, args: string[] = []) => {
  try {
    readSettings(env, args)
  } catch (error) {
    if (error instanceof SettingsError) return error.faults
    throw error
  }
  return []
}

test('all faults come together, each with its remedy', () => {
  const faults = faultsOf({ PORT: 'http', WORKERS: '-1', DATABASE_URL: 'mysql://x' }, ['--twice'])
  expect(faults).toEqual([
    'Unknown option --twice: there is only --once.',
    'PORT is "http": set it to a number from 0 to 65535: 4000 by default, 0 for any free port.',
    'WORKERS is "-1": set it to how many workers to run, from 0 to 64: 2 by default.',
    'DATABASE_URL: set it to postgresql://user:password@host:5432/database, or unset for an embedded server.',
  ])
})

test('back-ups are of the embedded database, daily and two of them unless told otherwise', () => {
  expect(readSettings({ BACKUP_DIR: '/backups' }, []).backup).toEqual({
    dir: '/backups',
    everyHours: 24,
    keep: 2,
  })
  expect(faultsOf({ BACKUP_DIR: '/backups', DATABASE_URL: 'postgresql://db/presage' })).toEqual([
    'BACKUP_DIR is for the embedded database: back up the one at DATABASE_URL by its own means.',
  ])
})

test('a password is never shown, and an administrator needs both halves', () => {
  const faults = faultsOf({ ADMIN_PASSWORD: 'short' })
  expect(faults.join('\n')).not.toContain('short')
  expect(faults).toContain('ADMIN_EMAIL and ADMIN_PASSWORD belong together: set both, or none.')
})
