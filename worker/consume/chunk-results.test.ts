import { resultsSchema } from '@presage/messages/result'
import { describe, expect, it } from 'vitest'
import { joinResults, takeChunk } from './chunk-results.js'
import { failed } from './failed.js'

const ID = '0192f0c1-0000-7000-8000-000000000001'

describe('results in one request', () => {
  it('are as many as fit', () => {
    const queue = ['a', 'b', 'c'].map((id) => ({ id, text: 'x'.repeat(9) }))
    expect(takeChunk(queue, 20).map((it) => it.id)).toEqual(['a', 'b'])
    expect(takeChunk(queue, 20).map((it) => it.id)).toEqual(['c'])
    expect(takeChunk(queue, 20)).toEqual([])
  })

  it('are measured in bytes, not characters', () => {
    const queue = ['a', 'b'].map((id) => ({ id, text: '€'.repeat(5) }))
    expect(takeChunk(queue, 20)).toHaveLength(1)
  })

  it('go alone when one is larger than the limit', () => {
    const queue = ['a', 'b'].map((id) => ({ id, text: 'x'.repeat(50) }))
    expect(takeChunk(queue, 20)).toHaveLength(1)
  })

  it('join to what the servers read', () => {
    const joined = joinResults('w"1', [failed(ID, 'POISON', 'It "broke".')])
    expect(resultsSchema.parse(JSON.parse(joined))).toEqual({
      worker: 'w"1',
      origins: {},
      results: [{ id: ID, outcome: 'failed', failure: { code: 'POISON', message: 'It "broke".' } }],
    })
  })
})
