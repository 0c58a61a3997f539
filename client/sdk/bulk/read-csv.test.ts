import Papa from 'papaparse'
import { expect, it, vi } from 'vitest'
import type { Model } from '../catalogue/models.js'
import { csvRows, type Row } from './csv-rows.js'
import { type Line, LineError } from './lines.js'
import { readCsv } from './read-csv.js'
import { readNdjson } from './read-ndjson.js'

async function* pieces(text: string, at: number): AsyncGenerator<Uint8Array, void, void> {
  const bytes = new TextEncoder().encode(text)
  yield bytes.slice(0, at)
  yield bytes.slice(at)
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const QUOTED = 'name;n\r\n"one ""1""";1\r\n\r\n"two\r\nlines; äöü";2\r\nthree;3'

it('reads the same rows wherever the file is cut, and tells on which line each begins', async () => {
  const expected: Row[] = [
    { line: 1, cells: ['name', 'n'], isBroken: false },
    { line: 2, cells: ['one "1"', '1'], isBroken: false },
    { line: 4, cells: ['two\r\nlines; äöü', '2'], isBroken: false },
    { line: 6, cells: ['three', '3'], isBroken: false },
  ]
  const { length } = new TextEncoder().encode(QUOTED)
  for (let at = 0; at <= length; at++)
    expect(await all(csvRows(pieces(QUOTED, at), undefined)), `cut at ${at}`).toEqual(expected)
})

const BROKEN = 'name,n\n"Bob" Smith,1\n"Ann" Lee,2\nthree,3\n'

it('says of a row whose quotes are misplaced that it cannot be told where it ends', async () => {
  for (let at = 0; at <= BROKEN.length; at++) {
    const rows = await all(csvRows(pieces(BROKEN, at), undefined))
    expect(rows.map(({ line, isBroken }) => [line, isBroken])).toEqual([
      [1, false],
      [2, true],
    ])
  }
  const [line] = await linesOf('age,sex\n30,"male" one\n')
  expect(line).toMatchObject({ line: 2, item: null, error: { code: 'BAD_LINE' } })
})

it('keeps the numbers of lines behind a byte order mark, in bytes and in text', async () => {
  const text = '\uFEFF"name",n\r\none,1\r\ntwo,2\r\n'
  async function* asText() {
    yield text
  }
  for (const source of [pieces(text, 1), asText()])
    expect(await all(csvRows(source, undefined))).toMatchObject([
      { line: 1, cells: ['name', 'n'] },
      { line: 2, cells: ['one', '1'] },
      { line: 3, cells: ['two', '2'] },
    ])
  async function* json() {
    yield '\uFEFF{"a":1}'
  }
  expect(await all(readNdjson(json()))).toMatchObject([{ line: 1, item: { a: 1 } }])
})

it('does not read a long cell again with each of its pieces', async () => {
  const parse = vi.spyOn(Papa, 'parse')
  async function* small() {
    yield 'a,b\n"'
    for (let i = 0; i < 1000; i++) yield 'x'.repeat(1000)
  }
  await expect(all(csvRows(small(), undefined))).rejects.toBeInstanceOf(LineError)
  expect(parse.mock.calls.length).toBeLessThan(100)
})

it('stops at a quote that is never closed, without keeping the whole file', async () => {
  let read = 0
  async function* endless() {
    yield 'a,b\n"1,2\n'
    for (; read < 1000; read++) yield 'x'.repeat(100_000)
  }
  await expect(all(csvRows(endless(), undefined))).rejects.toBeInstanceOf(LineError)
  expect(read).toBeLessThan(20)
})

const feature = (name: string, type: string, units: { name: string; symbol: string }[] = []) =>
  ({ name, type, units, unit: null }) as unknown as Model['features'][number]

const MODEL = {
  name: 'bio-age',
  features: [
    feature('age', 'FLOAT'),
    feature('sex', 'CHOICE'),
    feature('smokes', 'BOOLEAN'),
    feature('albumin', 'FLOAT', [
      { name: 'G_PER_DL', symbol: 'g/dL' },
      { name: 'G_PER_L', symbol: 'g/L' },
    ]),
  ],
} as unknown as Model

const linesOf = (text: string, options = {}): Promise<Line[]> =>
  all(readCsv(pieces(text, 5), MODEL, options))

it('names features and units by the header, sends what is there, and keeps other columns', async () => {
  const text = 'id,age,sex,smokes,albumin (g/L)\np1,50,female,true,42\np2,x,,no,\np3,1,2,3,4,5,6\n'
  const [first, second, third] = await linesOf(text, { keep: ['id'], variant: 'NETWORK' })
  expect(first).toMatchObject({ line: 2, kept: { id: 'p1' }, error: null })
  expect(first?.item).toEqual({
    bioAge: {
      variant: 'NETWORK',
      features: { age: 50, sex: 'FEMALE', smokes: true, albumin: { value: 42, unit: 'G_PER_L' } },
    },
  })
  expect(second?.item).toMatchObject({ bioAge: { features: { age: 'x', smokes: 'no' } } })
  expect(third).toMatchObject({ line: 4, kept: { id: 'p3' }, item: null })
  expect(third?.error?.message).toContain('7 cells')
  const [plain] = await linesOf('albumin\n4.2\n')
  expect(plain?.item).toEqual({ bioAge: { features: { albumin: { value: 4.2 } } } })
})

it('sends what is no finite number as it is, and never leaves it out', async () => {
  const lines = await linesOf('age\nInfinity\n-1e999\n')
  expect(lines.map(({ item }) => item)).toEqual(
    ['Infinity', '-1e999'].map((age) => ({ bioAge: { features: { age } } })),
  )
})

it.each(['age,age', 'albumin (g/L),albumin'])(
  'refuses a feature that is named twice: %s',
  (header) =>
    expect(linesOf(`${header}\n1,2\n`)).rejects.toMatchObject({
      ...{ name: 'LineError', line: 1, message: expect.stringContaining('twice') },
    }),
)

it.each(['mood', 'albumin (pints)', 'age (years'])('refuses the column %s', async (column) => {
  await expect(linesOf(`${column},sex\n1,2\n`)).rejects.toMatchObject({
    ...{ name: 'LineError', line: 1, message: expect.stringContaining(column) },
  })
})

it('reads NDJSON line by line, and tells which line is none', async () => {
  const text = '{"bioAge":{"features":{}}}\n\nnonsense\n{"a":1}'
  for (let at = 0; at <= text.length; at++)
    expect(await all(readNdjson(pieces(text, at)))).toMatchObject([
      { line: 1, item: { bioAge: { features: {} } }, error: null },
      { line: 3, item: null, error: { name: 'LineError', line: 3, code: 'BAD_LINE' } },
      { line: 4, item: { a: 1 } },
    ])
})

it.each(['null', 'false', '0', '""', '[1]'])(
  'takes the line %s, which is JSON, for none',
  async (text) => {
    const [line] = await all(readNdjson(pieces(`${text}\n`, 1)))
    expect(line).toMatchObject({ line: 1, item: null, error: { name: 'LineError', line: 1 } })
  },
)
