import { headers } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { readAck, seqOf } from './publish-ack.js'

const answer = (text: string, code = 0) => ({
  data: new TextEncoder().encode(text),
  headers: code > 0 ? headers(code, 'No Responders') : undefined,
  string: () => text,
})
const refusal = (description: string) =>
  answer(
    `{"error":{"code":503,"err_code":10077,"description":"${description}"},"stream":"JOBS","seq":0}`,
  )

describe('a publish acknowledgement', () => {
  it('says that the job is stored', () => {
    expect(readAck(answer('{"stream":"JOBS", "seq":17}'))).toBe('stored')
  })

  it('tells the number of the job, however NATS spaces it', () => {
    expect(seqOf(answer('{"stream":"JOBS", "seq":17}'))).toBe(17)
    expect(seqOf(answer('{"stream":"JOBS","domain":"hub","seq": 1795924800123}'))).toBe(
      1795924800123,
    )
  })

  it('tells that the job was there already, which NATS calls an error', () => {
    expect(readAck(refusal('maximum messages per subject exceeded'))).toBe('there')
  })

  it('is not good when the stream is full, which NATS gives the same code', () => {
    expect(readAck(refusal('maximum bytes exceeded'))).toContain('maximum bytes exceeded')
  })

  it('tells that there is no stream', () => {
    expect(readAck(answer('', 503))).toBe('missing')
  })
})
