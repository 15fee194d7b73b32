import type { Client, Task } from '@plinth/client'

/** All tasks of a project and in how many pages they came. */
export interface ReadBack {
  readonly tasks: Task[]
  readonly requests: number
}

const LIMIT = 100

/** Reads with cursors: each page starts after the last row of the one before, whatever is added meanwhile. */
export async function readByCursor(client: Client, projectId: string): Promise<ReadBack> {
  const tasks: Task[] = []
  let requests = 0
  let cursor: string | undefined
  do {
    const page = await client.tasks.list.query({ projectId, sort: 'createdAt', limit: LIMIT, cursor })
    tasks.push(...page.data)
    requests += 1
    cursor = page.pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return { tasks, requests }
}

/** Reads with page numbers, which also say how many rows there are in all. The pages travel in one request. */
export async function readByPage(client: Client, projectId: string): Promise<ReadBack> {
  const read = (page: number) => client.tasks.list.query({ projectId, sort: 'createdAt', limit: LIMIT, page })
  const first = await read(1)
  const total = first.pagination.total ?? first.data.length
  const others = Array.from({ length: Math.max(0, Math.ceil(total / LIMIT) - 1) }, (_, index) => index + 2)
  const pages = [first, ...(await Promise.all(others.map(read)))]
  return { tasks: pages.flatMap((page) => page.data), requests: pages.length }
}
