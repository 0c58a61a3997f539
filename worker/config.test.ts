import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.js'

describe('the environment of a worker', () => {
  it('needs nothing to be set', () => {
    const config = readConfig({ NATS_URL: '' })
    expect(config).toMatchObject({ natsUrls: ['nats://127.0.0.1:4222'], maxInFlight: 1024 })
    expect(config.name).toMatch(/^[\w.-]+$/)
  })

  it('takes several servers', () => {
    const { natsUrls } = readConfig({ NATS_URL: 'nats://a:4222, tls://b:4222' })
    expect(natsUrls).toEqual(['nats://a:4222', 'tls://b:4222'])
  })

  it('takes the names of the models to serve', () => {
    expect(readConfig({ MODELS: 'bio-age, portrait-cutout' }).models).toEqual([
      'bio-age',
      'portrait-cutout',
    ])
    expect(() => readConfig({ MODELS: 'bio-age,,' })).toThrow(
      /MODELS: is not a list of model names/,
    )
  })

  it('reports all faults together, each with its remedy', () => {
    const read = () =>
      readConfig({ NATS_URL: 'http://x', MAX_IN_FLIGHT: 'many', DRAIN_MS: '-1', LOG_LEVEL: 'loud' })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(/NATS_URL: .*nats:\/\/127\.0\.0\.1:4222/)
    expect(read).toThrow(/MAX_IN_FLIGHT: must be a whole number; set it to .*1 to 4096/)
    expect(read).toThrow(/DRAIN_MS: .*0 to 600000/)
    expect(read).toThrow(/LOG_LEVEL: .*choose trace/)
  })
})
