import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { readRows, readTable, TableError } from './read-table.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'presage-table-'))
  await writeFile(join(dir, 'plain.csv'), 'a,b\n1,\n2,x\n')
  await writeFile(join(dir, 'zipped.csv.gz'), gzipSync('a,b\n1,\n2,x\n'))
  await writeFile(join(dir, 'broken.csv'), 'a,b\n1\n')
  await writeFile(join(dir, 'empty.csv'), 'a,b\n')
})
afterAll(() => rm(dir, { recursive: true }))

const rows = [
  { a: '1', b: '' },
  { a: '2', b: 'x' },
]

it.each([
  ['a file', 'plain.csv', 'other.csv'],
  ['a gzipped file', 'zipped.csv.gz', 'other.csv'],
  ['a folder', '', 'zipped.csv.gz'],
])('reads %s', async (_, data, name) => {
  expect((await readTable(join(dir, data), name)).rows).toEqual(rows)
})

it('tells files apart by their hash', async () => {
  const [plain, zipped] = await Promise.all([
    readTable(dir, 'plain.csv'),
    readTable(dir, 'zipped.csv.gz'),
  ])
  expect(plain.sha256).toBe('f8e294970b2e4dbe6fe36d964b27b4762de5437b6b9545101d17a03d9c36bc6b')
  expect(zipped.sha256).not.toBe(plain.sha256)
})

it('names the file that is missing or broken', async () => {
  await expect(readTable(dir, 'none.csv')).rejects.toThrow(TableError)
  await expect(readTable(dir, 'none.csv')).rejects.toThrow('none.csv')
  await expect(readTable(dir, 'broken.csv')).rejects.toThrow('broken.csv cannot be read')
  await expect(readTable(dir, 'empty.csv')).rejects.toThrow('empty.csv has no rows')
})

it('names the row and the column of another table, and why', async () => {
  const table = await readTable(dir, 'plain.csv')
  const read = (b: z.ZodType) => () => readRows(table, (row) => z.object({ b }).parse(row))
  expect(read(z.string())()).toEqual([{ b: '' }, { b: 'x' }])
  expect(read(z.literal(''))).toThrow(TableError)
  expect(read(z.literal(''))).toThrow('plain.csv, row 2: b: Invalid input: expected ""')
})
