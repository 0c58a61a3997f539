import { expect, it } from 'vitest'
import { eventParser } from './event-parser.js'

it('finds events however the stream is cut into pieces, and drops comments', () => {
  const text = ':\n\nevent: next\ndata: {"data":1}\n\n:ping\n\nevent: complete\ndata:\n\n'
  for (const size of [1, 7, text.length]) {
    const parse = eventParser()
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      text.slice(i * size, (i + 1) * size),
    )
    expect(pieces.flatMap(parse)).toEqual([
      { event: 'next', data: '{"data":1}' },
      { event: 'complete', data: '' },
    ])
  }
})

it('joins lines of data and takes both kinds of line ends', () => {
  expect(eventParser()('data: a\r\ndata:b\r\n\r\n')).toEqual([{ event: 'message', data: 'a\nb' }])
})
