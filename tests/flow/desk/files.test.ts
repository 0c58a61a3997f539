import { DownloadError, InvalidInputError } from '@presage/client'
import { balancePortfolios } from '@presage/domain/desk/balance-portfolios'
import { importClients } from '@presage/domain/desk/import/import-clients'
import Papa from 'papaparse'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { emailOf, fileOf, HEADER, tables } from '../../kit/desk-files.js'
import { openKit } from '../../kit/kit.js'
import { openPresage } from '../../kit/open-presage.js'
import { signIn } from '../../kit/seed-user.js'
import type { Stack } from '../../kit/stack.js'

const kit = await openKit()
const stage = await openDesk(kit)
const { desk, admin } = stage

let stack: Stack
beforeAll(async () => {
  stack = await kit.stack({ workers: 0 })
})

/** As a server has what was sent. */
const take = (file: Blob, dryRun: boolean, me = admin) => importClients(desk, me, { file, dryRun })

const sdk = (accessToken: string) => openPresage(stack.servers[0], { accessToken })

describe('a file of clients', () => {
  const COUNT = 10_000
  const rowOf = (n: number, manager: string, { email = `r${n}@example.com`, age = '30' } = {}) =>
    `${email},F${n},"Last, ""${n}""",${age},${manager},100,1000,0.15,TWD,50,50,0`

  it('of 10,000 with 1 % bad ones is told by line, column and reason, and leaves nothing', async () => {
    const manager = await emailOf(kit.db, (await stage.manager()).userId)
    const isBad = (n: number) => n % 100 === 50
    const rows = Array.from({ length: COUNT }, (_, n) =>
      rowOf(n, manager, isBad(n) ? { age: '17' } : {}),
    )
    const before = await tables(kit.db)
    for (const dryRun of [true, false]) {
      const report = await take(fileOf(rows), dryRun)
      expect(report).toMatchObject({ rows: COUNT, faultCount: COUNT / 100, dryRun })
      expect(report.accepted).toBe(dryRun ? COUNT * 0.99 : 0)
      expect(report.faults[0]).toEqual({
        ...{ line: 52, column: 'age' },
        message: expect.stringContaining('18'),
      })
      expect(report.faults.map(({ line }) => line)).toEqual(
        Array.from({ length: COUNT / 100 }, (_, n) => 100 * n + 52),
      )
      expect(await tables(kit.db)).toEqual(before)
    }
    const good = rows.filter((_, n) => !isBad(n))
    const accepted = good.length
    expect(await take(fileOf(good), true)).toMatchObject({ accepted, faultCount: 0 })
    expect(await tables(kit.db)).toEqual(before)
    expect(await take(fileOf(good), false)).toMatchObject({ accepted, faultCount: 0 })
    expect(await tables(kit.db)).toEqual(
      Object.fromEntries(
        Object.entries(before).map(([table, count]) => [table, Number(count) + accepted]),
      ),
    )
    const again = await take(fileOf(good), false)
    expect(again).toMatchObject({ accepted: 0, faultCount: accepted })
    expect(again.faults).toHaveLength(1000)
  })

  it('is refused for what stands twice, for managers who are none, and for what is no text', async () => {
    const gone = await stage.manager()
    const goneEmail = await emailOf(kit.db, gone.userId)
    await kit.db.pool.query('UPDATE managers SET dismissed_at = now() WHERE user_id = $1', [
      gone.userId,
    ])
    const taken = await emailOf(kit.db, await stage.client())
    const before = await tables(kit.db)
    const report = await take(
      fileOf([
        'one@example.com,A,B,,,,,,,,,',
        '',
        'ONE@example.com,A,B,,,,,,,,,',
        `${taken.toUpperCase()},A,B,,,,,,,,,`,
        `two@example.com,"A\r\nA",B,,${goneEmail},,,,,,,`,
        'three@example.com,A,B,,nobody@example.com,,,,,,,',
        'four@example.com,A\0,B,,,,,,,,,',
        'five@example.com,A,B,,,,,,,50,50,0',
        'six@example.com,A,B,,,100,1000,0.15,TWD,50,,0',
        'none,,B,x,,100,0,0.15,GBP,,,',
        'seven@example.com,A,B,,,,,,,,,,9',
        'eight@example.com,"A"A,B,,,,,,,,,',
      ]),
      false,
    )
    expect(report.faults.map(({ line, column }) => [line, column])).toEqual([
      ...[
        [4, 'email'],
        [5, 'email'],
        [6, 'manager'],
        [8, 'manager'],
        [9, 'firstName'],
        [10, 'limit'],
        [11, 'paid 2026-09'],
      ],
      ...['email', 'firstName', 'age', 'limit', 'currency'].map((column) => [12, column]),
      ...[
        [13, null],
        [14, null],
      ],
    ])
    expect(report).toMatchObject({ rows: 11, accepted: 0 })
    expect(await tables(kit.db)).toEqual(before)
  })

  it('of another kind is refused as a whole', async () => {
    const manager = await stage.manager()
    const before = await tables(kit.db)
    const sent = [
      new Blob([]),
      fileOf([], `${HEADER},password`),
      fileOf([], `${HEADER},email`),
      new Blob([new Uint8Array(10 * 1024 * 1024 + 1)]),
      new Blob([new Uint8Array([0xff, 0xfe, 0x65, 0, 0x6d, 0])]),
      fileOf(Array.from({ length: 20_001 }, () => 'x')),
    ]
    for (const file of sent) await expect(take(file, false)).rejects.toThrow(InvalidInput)
    await expect(take(fileOf([]), true, manager)).rejects.toThrow('Only an admin')
    expect(await tables(kit.db)).toEqual(before)
  })
})

const InvalidInput = /refused|may have|Unknown|twice|empty/i

it('is imported and exported by the package, each role its own', async () => {
  const presage = await sdk((await kit.user({ admin: true })).accessToken)
  const managers = new Blob(['email;firstName;lastName\nm1@example.com;Ada;Stone\n'])
  expect(await presage.desk.importManagers(managers, { dryRun: false })).toMatchObject({
    ...{ rows: 1, accepted: 1, faults: [], dryRun: false },
  })
  const clients = fileOf([
    'x@example.com,=1+1,"-2\n+3",,m1@example.com,100,1000,0.15,TWD,-50,50,2',
    'y@example.com,李,Ωmega,44,,,,,,,,',
  ])
  const dry = await presage.desk.importClients(clients, { dryRun: true })
  expect(dry).toMatchObject({ rows: 2, accepted: 2, faultCount: 0, dryRun: true })
  await presage.desk.importClients(clients, { dryRun: false })
  const lines = new Blob(['email,amountTotal,limit,annualRate,currency\ny@example.com,1,9,0,EUR\n'])
  expect(await presage.desk.importCreditLines(lines, { dryRun: false })).toMatchObject({
    ...{ accepted: 1, faults: [] },
  })
  await expect(
    presage.desk.importClients(new Blob(['surname\n']), { dryRun: false }),
  ).rejects.toThrow(InvalidInputError)

  const read = async (exported: Blob) => {
    const text = await exported.text()
    expect(new Uint8Array(await exported.arrayBuffer()).slice(0, 3)).toEqual(
      new Uint8Array([0xef, 0xbb, 0xbf]),
    )
    const { data } = Papa.parse<Record<string, string>>(text, {
      ...{ header: true, skipEmptyLines: true },
    })
    return data
  }
  const { userId } = await kit.db.prisma.manager.findFirstOrThrow({
    where: { user: { email: 'm1@example.com' } },
  })
  const own = await read(
    await (await sdk((await signIn(kit.seeds, userId)).accessToken)).desk.exportClients(),
  )
  expect(own).toHaveLength(1)
  expect(own[0]).toMatchObject({
    ...{ email: 'x@example.com', firstName: "'=1+1", lastName: "'-2\n+3", limit: '1000' },
    ...{ manager: 'm1@example.com', monthsLate: '2', 'month 1': '2026-09', 'billed 1': '-50' },
    ...{ 'paid 1': '50', 'monthsLate 1': '2', 'month 2': '', stale: 'false', rating: '' },
  })
  const { clients: total } = await tables(kit.db)
  const all = await read(await presage.desk.exportClients())
  expect(new Set(all.map(({ id }) => id)).size).toBe(total)
  expect(all.find(({ email }) => email === 'y@example.com')).toMatchObject({
    ...{ firstName: '李', lastName: 'Ωmega', age: '44', manager: '', limit: '9' },
  })
})

it('is an admin’s to send, to whomever else it is forbidden', async () => {
  const file = fileOf([])
  const before = await tables(kit.db)
  const manager = (await signIn(kit.seeds, (await stage.manager()).userId)).accessToken
  const client = (await signIn(kit.seeds, await stage.client())).accessToken
  const user = (await kit.user()).accessToken
  for (const token of [manager, client, user]) {
    const { desk: theirs } = await sdk(token)
    const code = (sent: Promise<unknown>) => sent.catch((error) => error.code)
    expect(await code(theirs.importClients(file, { dryRun: true }))).toBe('FORBIDDEN')
    expect(await code(theirs.importManagers(file, { dryRun: true }))).toBe('FORBIDDEN')
    expect(await code(theirs.importCreditLines(file, { dryRun: true }))).toBe('FORBIDDEN')
  }
  expect((await tables(kit.db)).clients).toBe(before.clients + 1)
})

describe('a link to an export', () => {
  const LINK = '{ desk { export { url expiresAt } } }'
  const linkOf = async (userId: string) => {
    const api = stack.api(await signIn(kit.seeds, userId))
    const { data, errors } = await api.ask<{ desk: { export: { url: string } } }>(LINK)
    return data?.desk?.export.url ?? String(errors?.[0]?.extensions.code)
  }
  const fetched = async (path: string) => {
    const response = await fetch(`${stack.servers[0]?.url}${path}`)
    return [response.status, response.headers.get('content-type')] as const
  }

  it('needs the rights of who asked for it as long as it is good', async () => {
    const { userId } = await stage.manager()
    const link = await linkOf(userId)
    expect(await fetched(link)).toEqual([200, 'text/csv; charset=utf-8'])
    await kit.db.pool.query('UPDATE managers SET dismissed_at = now() WHERE user_id = $1', [userId])
    expect(await fetched(link)).toEqual([403, 'application/json'])
    expect(await fetched(`${link.slice(0, -4)}AAAA`)).toEqual([403, 'application/json'])
    expect(await linkOf(await stage.client())).toBe('DESK_FORBIDDEN')
  })

  it('is none of the platform’s, nor the other way round', async () => {
    const { userId } = await stage.manager()
    const presage = await sdk((await signIn(kit.seeds, userId)).accessToken)
    const url = (await linkOf(userId)).replace('/files/desk/', '/files/')
    await expect(presage.download({ url })).rejects.toThrow(DownloadError)
  })
})

it('balances portfolios with as few moves as there can be, and writes the trail', async () => {
  const [one, two] = [await stage.manager(), await stage.manager()]
  const theirs = [1, 2, 3, 4, 5].map(() => stage.client({ managerId: one.userId }))
  const clients = await Promise.all(theirs)
  await kit.db.pool.query('UPDATE clients SET manager_id = $1 WHERE manager_id IS NULL', [
    (await stage.manager()).userId,
  ])
  const free = await stage.client()
  const managerIds = [one.userId, two.userId]
  const first = await balancePortfolios(desk, admin, { managerIds, all: false })
  expect(first).toEqual([{ clientId: free, from: null, to: two.userId }])
  const moved = await balancePortfolios(desk, admin, { managerIds, all: true })
  expect(moved.map(({ from, to }) => [from, to])).toEqual(
    Array.from({ length: 2 }, () => [one.userId, two.userId]),
  )
  expect(clients).toEqual(expect.arrayContaining(moved.map(({ clientId }) => clientId)))
  const edits = await kit.db.prisma.clientEdit.count({
    where: { field: 'managerId', after: { equals: two.userId } },
  })
  expect(edits).toBe(3)
  expect(await balancePortfolios(desk, admin, { managerIds, all: true })).toEqual([])
  await expect(balancePortfolios(desk, one, { managerIds, all: true })).rejects.toThrow('Only')
  await expect(balancePortfolios(desk, admin, { managerIds: [free], all: false })).rejects.toThrow(
    'No such manager',
  )
})
