import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { eventPosition, eventTooOld, unknownEventId } from '../../contract/event-position.ts'
import type { OpenedStream } from '../../contract/event-stream.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import { streamTopic } from '../../platform/events/event-log.ts'
import { createEventReader } from '../../platform/events/event-reader.ts'
import { createPresenter } from '../../platform/events/present.ts'
import type { StreamBackstop } from '../../platform/events/stream-backstop.ts'
import type { StreamSource } from '../../platform/events/stream-source.ts'
import { auditBypassedRead, membershipTopic } from '../projects/index.ts'
import { taskStream } from './task-events.ts'
import { TaskChange, type TasksOnChangeInput } from './tasks.schema.ts'
import { lookAtChanges, watcherOf } from './watch-tasks.repository.ts'

/** How a member starts to watch. */
export interface WatchCall {
  readonly actor: Actor
  readonly input: z.output<typeof TasksOnChangeInput>
  /** The id of the last event seen; undefined to hear only of what comes. */
  readonly lastEventId: string | undefined
  readonly signal: AbortSignal
}

/** Live changes of a project's tasks. */
export interface WatchTasksService {
  /**
   * Every committed change once, in order, until `signal` aborts. Resolves when nothing can be missed any more.
   * @throws NOT_FOUND for strangers, and within seconds when a member is removed or the project deleted;
   * BAD_REQUEST naming `lastEventId` when it is not an event of this stream, RESUME_TOO_OLD when it was one for too long
   */
  onChange(call: WatchCall): Promise<OpenedStream<TaskChange>>
  /** How many projects are being watched in this process. */
  watched(): number
}

/** What the service is made of. */
export interface WatchTasksDeps {
  readonly database: Database
  readonly bus: Bus
  readonly backstop: StreamBackstop
  /** How often to look without being woken, in milliseconds. */
  readonly pollMs?: number
}

/** Builds the {@link WatchTasksService}. */
export function createWatchTasksService(deps: WatchTasksDeps): WatchTasksService {
  const { database, pollMs } = deps
  const reader = createEventReader(deps, pollMs)
  const present = createPresenter(({ type, data }) => TaskChange.parse({ type, task: data }))
  return {
    watched: () => reader.open(),
    async onChange({ actor, input: { projectId }, lastEventId, signal }) {
      const after = eventPosition(lastEventId)
      const target = { action: 'tasks.onChange', targetType: 'project', targetId: projectId }
      await auditBypassedRead(database, actor, target)
      const source = taskChanges(database, projectId)
      return present(await reader.follow({ source, reader: watcherOf(actor), after, signal }))
    },
  }
}

function taskChanges(database: Database, projectId: string): StreamSource {
  const stream = taskStream(projectId)
  return {
    stream,
    topics: [streamTopic(stream), membershipTopic(projectId)],
    look: (after, readers) => lookAtChanges(database, projectId, after, readers),
    refused: () => fail('NOT_FOUND'),
    unknownId: unknownEventId,
    tooOld: eventTooOld,
  }
}
