import { describe, expect, it } from 'vitest'
import { readNdjson } from './read-ndjson.js'
import type { LineResult } from './run-lines.js'
import { toCsv, toNdjson } from './write-results.js'

/** Results without an end, and how many of them were taken. */
function endless() {
  const source = { taken: 0, isOver: false }
  async function* results(): AsyncGenerator<LineResult, void, void> {
    try {
      for (;;) yield { line: ++source.taken, kept: {}, prediction: null, error: null }
    } finally {
      source.isOver = true
    }
  }
  return { source, results: results() }
}

describe.each([
  // Its header is told before the first result, which it needs to know the columns.
  ['CSV', toCsv, (reads: number) => Math.max(1, reads - 1)],
  ['NDJSON', toNdjson, (reads: number) => reads],
])('an output of %s', (_format, write, takenAfter) => {
  it('takes a result when its reader asks for a line, and none before', async () => {
    const { source, results } = endless()
    const reader = write(results).getReader()
    // What it would read ahead, it would by now.
    await new Promise(setImmediate)
    expect(source.taken).toBe(0)
    for (let reads = 1; reads <= 5; reads++) {
      await reader.read()
      await new Promise(setImmediate)
      expect(source.taken).toBe(takenAfter(reads))
    }
  })

  it('ends the results when its reader leaves', async () => {
    const { source, results } = endless()
    const reader = write(results).getReader()
    for (let reads = 0; reads < 3; reads++) await reader.read()
    const { taken } = source
    await reader.cancel()
    expect(source).toEqual({ taken, isOver: true })
  })
})

describe('an input of NDJSON', () => {
  /** A stream of pieces of two lines, and how many of them were asked for. */
  function endlessFile() {
    const file = { pieces: 0, isCanceled: false }
    const stream = new ReadableStream<string>(
      {
        pull(controller) {
          file.pieces++
          controller.enqueue('{"a":1}\n{"a":2}\n')
        },
        cancel() {
          file.isCanceled = true
        },
      },
      { highWaterMark: 0 },
    )
    return { file, lines: readNdjson(stream) }
  }

  it('is read as its lines are asked for, and no further', async () => {
    const { file, lines } = endlessFile()
    for (let asked = 1; asked <= 6; asked++) {
      expect((await lines.next()).value).toMatchObject({ line: asked, error: null })
      await new Promise(setImmediate)
      expect(file.pieces).toBe(Math.ceil(asked / 2))
    }
  })

  it('is canceled by a reader that leaves', async () => {
    const { file, lines } = endlessFile()
    await lines.next()
    await lines.return()
    expect(file).toEqual({ pieces: 1, isCanceled: true })
  })
})
