import type { Actor } from '../../contract/actor.ts'
import { fail, invalid } from '../../contract/errors.ts'
import type { OpenedStream, StreamEvent } from '../../contract/event-stream.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import { streamTopic } from '../../platform/events/event-log.ts'
import { createEventReader } from '../../platform/events/event-reader.ts'
import { createPresenter } from '../../platform/events/present.ts'
import type { StreamBackstop } from '../../platform/events/stream-backstop.ts'
import type { StreamSource } from '../../platform/events/stream-source.ts'
import { jobStream } from '../../platform/jobs/job-stream.ts'
import { presentUpdate } from './jobs.presenter.ts'
import { findJob, type JobRow } from './jobs.repository.ts'
import { JobUpdate } from './jobs.schema.ts'
import { lookAtJob } from './watch-job.repository.ts'

/** How somebody starts to follow a job. */
export interface WatchJobCall {
  readonly actor: Actor
  readonly input: { readonly id: string }
  /** The id of the last event seen; undefined to begin with how things stand. */
  readonly lastEventId: string | undefined
  readonly signal: AbortSignal
}

/** Follows jobs. */
export interface WatchJobService {
  /**
   * How the job stands and everything that happens to it; ends by itself when the job has ended.
   * @throws NOT_FOUND for everybody but the owner and admins; BAD_REQUEST naming `lastEventId` when it is not an event
   * of this job
   */
  onProgress(call: WatchJobCall): Promise<OpenedStream<JobUpdate>>
}

const HAS_ENDED: ReadonlySet<JobRow['state']> = new Set(['succeeded', 'failed', 'cancelled', 'dead'])

/** Builds the {@link WatchJobService}. */
export function createWatchJobService(deps: {
  readonly database: Database
  readonly bus: Bus
  readonly backstop: StreamBackstop
}): WatchJobService {
  const { database } = deps
  const reader = createEventReader(deps)
  const present = createPresenter(({ data }) => JobUpdate.parse(data))
  return {
    async onProgress({ actor, input: { id }, lastEventId, signal }) {
      const job = await findJob(database.prisma, actor, id)
      if (job === null) throw fail('NOT_FOUND')
      const after = lastEventId === undefined ? undefined : parseEventId(lastEventId)
      if (after !== undefined && after > job.revision) throw unknownId()
      const ended = HAS_ENDED.has(job.state)
      // Who lost the connection before the first event comes back for it.
      const position = (job.revision > 0n ? job.revision - 1n : 0n).toString()
      const current = { id: job.revision.toString(), data: presentUpdate(job) }
      if (ended) return { position, events: following(after === job.revision ? [] : [current]) }

      const source = jobEvents(database, id)
      const from = { source, reader: actor.userId, signal }
      if (after !== undefined) return present(await reader.follow({ ...from, after }))
      const { events } = present(await reader.follow({ ...from, after: job.revision }))
      return { position, events: following([current], events) }
    },
  }
}

async function* following(
  first: readonly StreamEvent<JobUpdate>[],
  rest?: AsyncIterable<StreamEvent<JobUpdate>>,
): AsyncGenerator<StreamEvent<JobUpdate>, void> {
  yield* first
  if (rest !== undefined) yield* rest
}

function jobEvents(database: Database, id: string): StreamSource {
  const stream = jobStream(id)
  return {
    stream,
    topics: [streamTopic(stream)],
    look: (after, readers) => lookAtJob(database, id, after, readers),
    refused: () => fail('NOT_FOUND'),
    unknownId,
    tooOld: () => invalid('lastEventId', 'Events this old are not kept; subscribe without lastEventId.'),
  }
}

function unknownId(): Error {
  return invalid('lastEventId', 'This is not the id of an event of this stream.')
}

function parseEventId(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw unknownId()
  return BigInt(text)
}
