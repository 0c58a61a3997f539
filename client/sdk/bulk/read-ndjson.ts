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
  try {
    // The server checks each item against its model's card.
    return { line, kept: {}, item: JSON.parse(text) as PredictInput, error: null }
  } catch {
    return { line, kept: {}, item: null, error: new LineError(line, 'It is no JSON.') }
  }
}
