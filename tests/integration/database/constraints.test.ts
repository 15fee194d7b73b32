import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
})
afterAll(() => db.drop())

test.each([`UPDATE audit_events SET action = 'other'`, 'DELETE FROM audit_events', 'TRUNCATE audit_events'])(
  'the audit trail refuses: %s',
  async (statement) => {
    const row = { action: 'test.ran', actorVia: 'system', surface: 'system', traceId: '0'.repeat(32) }
    const { id } = await db.database.prisma.auditEvent.create({ data: row })
    await expect(db.database.pool.query(statement)).rejects.toThrow(/append-only/)
    expect(await db.database.prisma.auditEvent.findUnique({ where: { id } })).toMatchObject(row)
  },
)

test('an address is free again once its account is deleted, and not before', async () => {
  const data = { email: 'again@example.com', fullName: 'Again', passwordHash: 'x' }
  const { id } = await db.database.prisma.user.create({ data })
  await expect(db.database.prisma.user.create({ data })).rejects.toMatchObject({ code: 'P2002' })
  await db.database.prisma.user.update({ where: { id }, data: { deletedAt: new Date() } })
  const next = await db.database.prisma.user.create({ data })
  expect(next.id).not.toBe(id)
})

test('values no code should write are refused by the tables', async () => {
  const project = await db.database.prisma.project.create({ data: { name: 'P', slug: 'p' } })
  const task = { projectId: project.id, title: 'T' }
  await expect(db.database.prisma.task.create({ data: { ...task, priority: 5 } })).rejects.toThrow(
    /tasks_priority_check/,
  )
  await expect(db.database.prisma.task.create({ data: { ...task, version: 0 } })).rejects.toThrow(
    /tasks_version_check/,
  )
  await expect(db.database.prisma.project.create({ data: { name: 'P', slug: 'No!' } })).rejects.toThrow(
    /projects_slug_check/,
  )
})

test('tables carry their documentation', async () => {
  const { rows } = await db.database.pool.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '_prisma_migrations'
      AND obj_description(oid, 'pg_class') IS NULL`)
  expect(rows).toEqual([])
})
