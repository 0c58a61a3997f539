/** One server-sent event. */
export interface ServerSentEvent {
  event: string
  data: string
}

/** Cuts the text of an event stream, as it comes in pieces, into events; comments are dropped. */
export function eventParser(): (piece: string) => ServerSentEvent[] {
  let rest = ''
  return (piece) => {
    const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => eventOf(block) ?? [])
  }
}

function eventOf(block: string): ServerSentEvent | undefined {
  const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
  if (lines.length === 0) return undefined
  const all = (field: string) =>
    lines
      .filter((line) => line === field || line.startsWith(`${field}:`))
      .map((line) => line.slice(field.length + 1).replace(/^ /, ''))
  return { event: all('event').at(-1) ?? 'message', data: all('data').join('\n') }
}
