import type { Task } from '@plinth/client'
import { usePlinth, useSubscription } from '@plinth/client/react'
import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'

const PAGE_SIZE = 30

type Pages = InfiniteData<{ data: Task[] }>

type Change = 'added' | 'changed' | 'gone'

const CHANGES = {
  'task.created': 'added',
  'task.updated': 'changed',
  'task.deleted': 'gone',
} as const satisfies Record<string, Change>

/** The tasks of a project, page after page, kept up to date by what anybody changes. */
export function useTasks(projectId: string) {
  const plinth = usePlinth()
  const cache = useQueryClient()
  const input = { projectId, limit: PAGE_SIZE }
  const key = plinth.tasks.list.infiniteQueryKey(input)

  const list = useInfiniteQuery(
    plinth.tasks.list.infiniteQueryOptions(input, {
      select: ({ pages }) => pages.flatMap(({ data }) => data),
    }),
  )

  const changes = useSubscription(
    plinth.tasks.onChange.subscriptionOptions(
      { projectId },
      {
        // What changed between reading the list and opening the stream is in the list now.
        onStarted: () => cache.invalidateQueries({ queryKey: key }),
        onData: ({ data: { type, task } }) => {
          // Its place is between others, perhaps on a page that is not here yet.
          if (type === 'task.restored') return void cache.invalidateQueries({ queryKey: key })
          cache.setQueryData(key, (pages) => pages && merge(pages, task, CHANGES[type]))
        },
      },
    ),
  )

  return { key, list, changes }
}

/** Changes a task on the screen at once, and back again when the server refuses. */
export function useTaskUpdate(key: ReturnType<typeof useTasks>['key']) {
  const plinth = usePlinth()
  return useMutation(
    plinth.tasks.update.mutationOptions({
      onMutate: async ({ id, data }, { client }) => {
        await client.cancelQueries({ queryKey: key })
        const before = client.getQueryData(key)
        const task = before?.pages.flatMap((page) => page.data).find((one) => one.id === id)
        const status = data.status ?? task?.status
        if (task !== undefined && status !== undefined)
          client.setQueryData(key, (pages) => pages && merge(pages, { ...task, status }, 'changed'))
        return { before }
      },
      onError: (_error, _input, shown, { client }) => client.setQueryData(key, shown?.before),
      onSuccess: (task, _input, _shown, { client }) =>
        client.setQueryData(key, (pages) => pages && merge(pages, task, 'changed')),
    }),
  )
}

/** Shows a new task before the server has it; it is replaced by the real one, or taken away again. */
export function useTaskCreation(key: ReturnType<typeof useTasks>['key']) {
  const plinth = usePlinth()
  return useMutation(
    plinth.tasks.create.mutationOptions({
      onMutate: ({ projectId, title }, { client }) => {
        const draft = draftOf(projectId, title)
        client.setQueryData(key, (pages) => pages && merge(pages, draft, 'added'))
        return { draft }
      },
      onError: (_error, _input, shown, { client }) =>
        client.setQueryData(key, (pages) => pages && shown && merge(pages, shown.draft, 'gone')),
      onSuccess: (task, _input, { draft }, { client }) =>
        client.setQueryData(key, (pages) => pages && merge(merge(pages, draft, 'gone'), task, 'added')),
    }),
  )
}

/** Whether a task is on the screen only. */
export const isDraft = ({ version }: Task): boolean => version === 0

function draftOf(projectId: string, title: string): Task {
  const now = new Date().toISOString()
  return {
    id: crypto.randomUUID(),
    projectId,
    title,
    description: null,
    status: 'todo',
    priority: 0,
    dueAt: null,
    assigneeId: null,
    createdById: null,
    version: 0,
    createdAt: now,
    updatedAt: now,
  }
}

/**
 * The pages with a task put in, replaced or taken out; an older version changes nothing. One that was changed and is not
 * here is on a page that is still to come: put in, it would be there twice.
 */
function merge<T extends Pages>(all: T, task: Task, change: Change): T {
  const seen = all.pages.flatMap((page) => page.data).find(({ id }) => id === task.id)
  if (seen !== undefined && seen.version > task.version) return all
  const pages = all.pages.map((page, index) => {
    const data =
      change === 'gone'
        ? page.data.filter(({ id }) => id !== task.id)
        : page.data.map((one) => (one.id === task.id ? task : one))
    return { ...page, data: seen === undefined && change === 'added' && index === 0 ? [task, ...data] : data }
  })
  return { ...all, pages }
}
