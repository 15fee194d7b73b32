import type { Task } from '@plinth/client'
import { type FormEvent, useEffect, useRef } from 'react'
import { Failure } from './failure.tsx'
import { Files } from './files.tsx'
import { Report } from './report.tsx'
import { isDraft, useTaskCreation, useTasks, useTaskUpdate } from './use-tasks.ts'

const LIVE = {
  idle: '',
  connecting: 'Connecting…',
  open: 'Live',
  ended: 'Ended',
  error: 'Not live',
}

/** A project's tasks: everything that anybody does to them shows at once. */
export function Tasks({ projectId }: { projectId: string }) {
  const { key, list, changes } = useTasks(projectId)
  const create = useTaskCreation(key)
  const update = useTaskUpdate(key)

  // A stream that is connecting again says so itself.
  const ended = changes.status === 'error' ? changes.error : null
  const failure = create.error ?? update.error ?? list.error ?? ended

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const title = String(new FormData(event.currentTarget).get('title') ?? '').trim()
    event.currentTarget.reset()
    if (title !== '') create.mutate({ projectId, title })
  }

  const toggle = ({ id, status, version }: Task) =>
    update.mutate({ id, version, data: { status: status === 'done' ? 'todo' : 'done' } })

  return (
    <section>
      <header>
        <h1>Tasks</h1>
        <output className={`live ${changes.status}`}>{LIVE[changes.status]}</output>
      </header>
      <form className="inline" onSubmit={submit}>
        <input name="title" aria-label="New task" placeholder="What is to be done?" autoComplete="off" />
        <button type="submit">Add</button>
      </form>
      <div className="tools">
        <Report projectId={projectId} />
        <Files projectId={projectId} />
      </div>
      <Failure error={failure} />
      <ul className="tasks" aria-label="Tasks">
        {list.data?.map((task) => (
          <li key={task.id} className={isDraft(task) ? 'draft' : task.status}>
            <label>
              <input
                type="checkbox"
                checked={task.status === 'done'}
                disabled={isDraft(task)}
                onChange={() => toggle(task)}
              />
              <span>{task.title}</span>
            </label>
          </li>
        ))}
      </ul>
      {list.data?.length === 0 && <p className="quiet">Nothing to do.</p>}
      <More key={list.data?.length} isThere={list.hasNextPage} onSeen={() => void list.fetchNextPage()} />
    </section>
  )
}

/** Asks for the next page when the end of the list comes into sight; one of its own for each length of the list. */
function More({ isThere, onSeen }: { isThere: boolean; onSeen: () => void }) {
  const end = useRef<HTMLParagraphElement>(null)
  const latest = useRef(onSeen)
  useEffect(() => {
    latest.current = onSeen
  })
  useEffect(() => {
    if (!isThere || end.current === null) return
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true) latest.current()
    })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [isThere])
  return isThere ? (
    <p ref={end} className="quiet">
      More…
    </p>
  ) : null
}
