import { expect, it } from 'vitest'
import { natsAddress } from './nats-address.js'

it('takes the password out of the address', () => {
  expect(natsAddress(['nats://user:p%40ss@a:4222', 'nats://b:4223'])).toEqual({
    servers: ['a:4222', 'b:4223'],
    user: 'user',
    pass: 'p@ss',
  })
})

it('encrypts when an address says so', () => {
  expect(natsAddress(['tls://a:4222'])).toEqual({ servers: ['a:4222'], tls: {} })
})
