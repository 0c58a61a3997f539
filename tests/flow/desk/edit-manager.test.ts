import { createManager } from '@presage/domain/desk/create-manager'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { editManager, readManagerEdits } from '@presage/domain/desk/edit-manager'
import { ManagerDismissedError } from '@presage/domain/desk/errors'
import { eraseGone } from '@presage/domain/desk/privacy/erase-gone'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { expect, it } from 'vitest'
import { atOnce } from '../../kit/at-once.js'
import { openDesk } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const page = { limit: 50, inverted: false }
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)

it('edits a manager’s name and phone as an admin, and tells who changed what', async () => {
  const { userId } = await stage.manager()
  const watch = desk.domain.signals.watch(userId)
  const edited = await editManager(desk, admin, userId, { lastName: 'Rock', phone: ' 555 ' })
  expect(edited).toMatchObject({ firstName: 'Ada', lastName: 'Rock', phone: '555' })
  expect(await watch.next()).toBe(true)
  watch.close()
  await editManager(desk, admin, userId, { lastName: 'Rock', phone: null })
  const trail = await readManagerEdits(desk, admin, [userId], page)
  expect(trail.map(({ field, before, after }) => [field, before, after])).toEqual([
    ['phone', '555', null],
    ['phone', null, '555'],
    ['lastName', 'Stone', 'Rock'],
  ])
  expect(trail.every(({ actorId }) => actorId === admin.userId)).toBe(true)
  const rest = { ...page, after: trail[0]?.id }
  expect(await readManagerEdits(desk, admin, [userId], rest)).toEqual(trail.slice(1))
  await expect(sql('UPDATE manager_edits SET after = NULL, before = NULL')).rejects.toThrow('never')
  await expect(sql('DELETE FROM manager_edits')).rejects.toThrow('refused')
})

it('of two edits at once has the trail go on from the one to the other', async () => {
  const { userId } = await stage.manager()
  const row = {
    text: 'SELECT FROM managers WHERE user_id = $1 FOR NO KEY UPDATE',
    values: [userId],
  }
  await atOnce(kit.db.pool, row, () =>
    ['1', '2'].map((phone) => editManager(desk, admin, userId, { phone })),
  )
  const [last, first, ...others] = await readManagerEdits(desk, admin, [userId], page)
  expect(others).toEqual([])
  expect([first?.before, last?.before]).toEqual([null, first?.after])
  expect([first?.after, last?.after].sort()).toEqual(['1', '2'])
  expect(await kit.db.prisma.manager.findUnique({ where: { userId } })).toMatchObject({
    phone: last?.after,
  })
})

it('lets managers edit their own phone and nothing else', async () => {
  const [me, other] = [await stage.manager(), await stage.manager()]
  expect(await editManager(desk, me, me.userId, { phone: '777' })).toMatchObject({ phone: '777' })
  const trail = await readManagerEdits(desk, me, [me.userId, other.userId], page)
  expect(trail).toMatchObject([{ field: 'phone', actorId: me.userId, after: '777' }])
  expect(await readManagerEdits(desk, other, [me.userId], page)).toEqual([])
  const named = editManager(desk, me, me.userId, { firstName: 'A', lastName: 'B' })
  await expect(named).rejects.toMatchObject({
    issues: [{ path: ['firstName'] }, { path: ['lastName'] }],
  })
  await expect(editManager(desk, me, other.userId, { phone: '1' })).rejects.toThrow(NotFoundError)
  const row = { userId: other.userId }
  expect(await kit.db.prisma.manager.findUnique({ where: row })).toMatchObject({ phone: null })
  const client = await as(await stage.client({ managerId: me.userId }))
  await expect(editManager(desk, client, me.userId, { phone: '1' })).rejects.toThrow('Only')
})

it('refuses what no manager may be called, as on creation, and one who was dismissed', async () => {
  const { userId } = await stage.manager()
  const nameless = { email: `${userId}@example.com`, firstName: 'A\0', lastName: 'B' }
  await expect(createManager(desk, admin, nameless)).rejects.toThrow(InvalidInputError)
  for (const wrong of [{ firstName: ' ' }, { lastName: 'x'.repeat(81) }, { phone: '5\0' }])
    await expect(editManager(desk, admin, userId, wrong)).rejects.toThrow(InvalidInputError)
  await dismissManager(desk, admin, userId, null)
  const late = editManager(desk, admin, userId, { phone: '1' })
  await expect(late).rejects.toThrow(ManagerDismissedError)
  expect(await readManagerEdits(desk, admin, [userId], page)).toEqual([])
})

it('forgets what a manager was called with their account, and not that it was edited', async () => {
  const { userId } = await stage.manager()
  await editManager(desk, admin, userId, { lastName: 'Rock' })
  await sql('UPDATE users SET deleted_at = now() WHERE id = $1', userId)
  await eraseGone(desk, userId)
  expect(await readManagerEdits(desk, admin, [userId], page)).toMatchObject([
    { field: 'lastName', before: null, after: null },
  ])
})
