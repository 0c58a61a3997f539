import { readFile } from 'node:fs/promises'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { CardError } from './card-error.js'
import { cardSchema, type ModelCard } from './card-schema.js'

/** Where in the card something stands; of what is missing, where it should. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let end = path.length; end > 0; end--) {
    const node = document.getIn(path.slice(0, end), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

/**
 * Reads and checks one card.
 * @throws CardError when the file cannot be read, is not YAML or breaks the card's schema: with the
 * place and the line of each fault.
 */
export async function loadCard(file: string): Promise<ModelCard> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CardError(file, [`it cannot be read: ${error.message}`])
  })
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  if (document.errors.length > 0)
    throw new CardError(
      file,
      document.errors.map(({ message }) => `it is not readable YAML; correct it: ${message}`),
    )
  const parsed = cardSchema.safeParse(document.toJS(), { error: missing })
  if (parsed.success) return parsed.data
  throw new CardError(
    file,
    parsed.error.issues.map((issue) => {
      const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys] : issue.path
      const line = lineOf(document, lineCounter, path)
      return `line ${line}, ${path.map(String).join('.') || 'the card'}: ${issue.message}`
    }),
  )
}

const missing = ({ code, input }: { code?: string; input?: unknown }) =>
  code === 'invalid_type' && input === undefined ? 'is missing' : undefined
