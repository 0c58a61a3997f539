import { describe, expect, it } from 'vitest'
import { addressOf, cookiesOf } from './caller-of-request.js'

const from = (forwarded?: string, remoteAddress = '10.0.0.9') =>
  ({
    headers: { 'x-forwarded-for': forwarded },
    socket: { remoteAddress },
  }) as unknown as Parameters<typeof addressOf>[0]

describe('the address of a caller', () => {
  it('is the connection’s, whatever the caller says, when no proxy is ours', () => {
    expect(addressOf(from('1.2.3.4'), 0)).toBe('10.0.0.9')
    expect(addressOf(from(undefined, '::ffff:10.0.0.9'), 0)).toBe('10.0.0.9')
  })

  it('is what the outermost of our proxies saw', () => {
    expect(addressOf(from('6.6.6.6, 1.2.3.4'), 1)).toBe('1.2.3.4')
    expect(addressOf(from('6.6.6.6, 1.2.3.4, 10.0.0.1'), 2)).toBe('1.2.3.4')
  })

  it('is the connection’s when the proxies said less than they should', () => {
    expect(addressOf(from('1.2.3.4'), 2)).toBe('10.0.0.9')
    expect(addressOf(from(), 1)).toBe('10.0.0.9')
  })
})

describe('cookies', () => {
  const jar = (cookie?: string, secure = true) => {
    const written: string[] = []
    const response = {
      appendHeader: (_name: string, value: unknown) => written.push(String(value)),
    }
    const headers = cookie === undefined ? {} : { cookie }
    const cookies = cookiesOf({ headers }, response as never, secure)
    return { cookies, written }
  }

  it('are read by their whole name', () => {
    const { cookies } = jar('a=1; token=x%3Dy ; tokens=2')
    expect(cookies.get('token')).toBe('x=y')
    expect(cookies.get('tok')).toBeUndefined()
  })

  it('that nobody encoded stand for themselves', () => {
    expect(jar('token=%E0%A4%A').cookies.get('token')).toBe('%E0%A4%A')
  })

  it('are out of reach of scripts and of other sites', () => {
    const { cookies, written } = jar()
    cookies.set('token', 'x=y', { maxAgeS: 60 })
    expect(written).toEqual([
      'token=x%3Dy; Path=/graphql; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
    ])
  })

  it('go without HTTPS only where that was asked for', () => {
    const { cookies, written } = jar(undefined, false)
    cookies.set('token', '', { maxAgeS: 0 })
    expect(written[0]).not.toContain('Secure')
  })
})
