import { describe, expect, it } from 'vitest'
import { giveBack, readDelivery } from './delivery.js'

const ID = '0192f0c1-0000-7000-8000-000000000001'
const message = (subject: string, reply?: string) => ({ subject, reply, string: () => '{}' })

describe('a delivery', () => {
  it('takes the prediction from the subject and the attempt from the reply', () => {
    const reply = '$JS.ACK.JOBS.bio-age-1_0_0.3.1795219195248.1.1795219195656787886.0'
    expect(readDelivery(message(`jobs.bio-age.1_0_0.${ID}`, reply))).toEqual({
      id: ID,
      reply,
      attempt: 3,
      body: '{}',
    })
  })

  it('understands the acknowledgement subject with a domain', () => {
    const reply = '$JS.ACK.hub.ABCDEF.JOBS.w.4.17.1.1795219195656787886.0.x9'
    expect(readDelivery(message(`jobs.m.1.${ID}`, reply))?.attempt).toBe(4)
  })

  it('is none without a prediction id', () => {
    expect(readDelivery(message('jobs.m.1.nonsense', '$JS.ACK.JOBS.w.1.1.1.1.0'))).toBeUndefined()
    expect(readDelivery(message(`jobs.m.1.${ID}`))).toBeUndefined()
  })

  it('is given back after a delay in nanoseconds', () => {
    expect(giveBack(1500)).toBe('-NAK {"delay":1500000000}')
  })
})
