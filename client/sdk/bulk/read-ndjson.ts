import type { PredictInput } from '../predictions/predict.js'
import { type Line, LineError, MAX_LINE_CHARS, type Source, textOf } from './lines.js'

/** The lines of an NDJSON file, each a PredictInput; empty ones are passed over. */
export async function* readNdjson(source: Source): AsyncGenerator<Line, void, void> {
  let rest = ''
  let number = 0
  for await (const piece of textOf(source)) {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARS) throw new LineError(number + 1, 'It is too long.')
    for (const text of lines) {
      number += 1
      if (text.trim()) yield lineOf(text, number)
    }
  }
  if (rest.trim()) yield lineOf(rest, number + 1)
}

function lineOf(text: string, line: number): Line {
  const refused = (why: string): Line => ({
    ...{ line, kept: {}, item: null },
    error: new LineError(line, why),
  })
  try {
    const item: unknown = JSON.parse(text)
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      return refused('It is no object.')
    // The server checks each item against its model's card.
    return { line, kept: {}, item: item as PredictInput, error: null }
  } catch {
    return refused('It is no JSON.')
  }
}
