import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.js'

const good = {
  DATABASE_URL: 'postgresql://presage@db/presage',
  TOKEN_KEYS: `new:${'n'.repeat(32)},old:${'o'.repeat(32)}`,
}

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults
  }
}

describe('the server’s environment', () => {
  it('needs no more than a database and a key', () => {
    const config = readConfig(good)
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      signUpBonus: 50,
      admin: null,
      eventsKeptDays: 30,
      testTopUps: false,
      trust: { proxies: 0, secureCookies: true },
    })
    expect(config.tokens.current.kid).toBe('new')
    expect(config.tokens.others.map(({ kid }) => kid)).toEqual(['old'])
  })

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ ...good, PORT: '', ADMIN_EMAIL: '', ADMIN_PASSWORD: '' })).toMatchObject({
      port: 4000,
      admin: null,
    })
  })

  it('names every fault together, each with its remedy', () => {
    const faults = faultsOf({ PORT: 'high', TOKEN_KEYS: 'a:short', NATS_URL: 'http://nats' })
    expect(faults.map((fault) => fault.split(':', 1)[0])).toEqual([
      'DATABASE_URL',
      'NATS_URL',
      'PORT',
      'TOKEN_KEYS',
    ])
    for (const fault of faults) expect(fault).toContain('; set it to ')
  })

  it.each([
    ['half an admin', { ADMIN_EMAIL: 'ada@example.com' }, 'ADMIN_PASSWORD'],
    ['the other half', { ADMIN_PASSWORD: 'a long password' }, 'ADMIN_EMAIL'],
    [
      'two keys of one name',
      { TOKEN_KEYS: `${good.TOKEN_KEYS},new:${'x'.repeat(32)}` },
      'TOKEN_KEYS',
    ],
    ['a second factor without a key for it', { REQUIRE_TOTP_FOR: 'ADMIN' }, 'DATA_KEYS'],
    [
      'a role that is none',
      { REQUIRE_TOTP_FOR: 'ADMIN,KING', DATA_KEYS: good.TOKEN_KEYS },
      'REQUIRE_TOTP_FOR',
    ],
    ['a flag that is none', { TEST_TOP_UPS: 'yes' }, 'TEST_TOP_UPS'],
  ])('refuses %s', (_what, env, name) => {
    expect(faultsOf({ ...good, ...env })).toEqual([expect.stringContaining(`${name}: `)])
  })
})
