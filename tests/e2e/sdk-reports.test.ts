import { createClient, isPlinthError } from '@plinth/client'
import { expect, expectTypeOf, test } from 'vitest'
import { openSite } from '../support/server-process.ts'

const account = { email: 'nora@example.com', password: 'eleven owls left the old barn', fullName: 'Nora' }

test('a frontend knows its flags, has a report made, follows it and downloads it', async () => {
  await using site = await openSite()
  const client = createClient({ baseUrl: site.baseUrl })
  await client.auth.register.mutate(account)

  const flags = await client.flags.mine.query()
  expectTypeOf(flags).toEqualTypeOf<Record<'new_dashboard' | 'ai_chat' | 'advanced_analytics', boolean>>()
  expect(flags).toEqual({ new_dashboard: false, ai_chat: true, advanced_analytics: false })
  const refused = await client.flags.set
    .mutate({ flag: 'ai_chat', default: false })
    .catch((error: unknown) => error)
  expect(isPlinthError(refused) && refused.code).toBe('FORBIDDEN')

  const { id: projectId } = await client.projects.create.mutate({ name: 'Wires', slug: 'wires' })
  const tasks = Array.from({ length: 1_000 }, (_, index) => ({
    title: `Task ${index}`,
    status: index % 4 === 0 ? ('done' as const) : ('todo' as const),
  }))
  for (let batch = 0; batch < 5; batch += 1) await client.tasks.createMany.mutate({ projectId, tasks })

  const handle = await client.reports.generate.mutate({ projectId })
  const steps: number[] = []
  for await (const { current, total } of handle.progress()) {
    expect(total).toBe(5_000)
    steps.push(current)
  }
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  const { reportId, csvFileId } = await handle.result()
  expectTypeOf(csvFileId).toBeString()
  expect(reportId).toBe(handle.reportId)

  const { state, figures } = await client.reports.get.query({ id: reportId })
  expect(state).toBe('succeeded')
  expect(figures).toMatchObject({ tasks: 5_000, byStatus: { todo: 3_750, done: 1_250 } })
  const { url } = await client.files.link.query({ id: csvFileId })
  const file = await fetch(new URL(new URL(url).pathname + new URL(url).search, site.baseUrl))
  expect(file.headers.get('content-disposition')).toContain('attachment')
  expect(await file.text()).toContain('tasks,,,5000')
})
