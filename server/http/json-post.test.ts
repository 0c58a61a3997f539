import { describe, expect, it } from 'vitest'
import { answerType } from './json-post.js'

const MODERN = 'application/graphql-response+json'
const LEGACY = 'application/json'

describe('the type of an answer', () => {
  it.each([
    [undefined, LEGACY],
    ['*/*', LEGACY],
    ['application/json', LEGACY],
    [`${MODERN}, ${LEGACY}, text/event-stream, multipart/mixed`, MODERN],
    [`${LEGACY};q=0.9, ${MODERN}`, LEGACY],
    ['text/event-stream', null],
    [`text/event-stream, ${LEGACY}`, null],
    ['text/html', null],
  ])('for %s is %s', (accept, type) => {
    expect(answerType(accept)).toBe(type)
  })
})
