import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { eventPosition, eventTooOld, unknownEventId } from '../../../contract/event-position.ts'
import type { OpenedStream } from '../../../contract/event-stream.ts'
import { type Database, query } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import { createEventReader } from '../../../platform/events/event-reader.ts'
import { type LookRow, viewOf } from '../../../platform/events/look-rows.ts'
import { createPresenter } from '../../../platform/events/present.ts'
import type { StreamBackstop } from '../../../platform/events/stream-backstop.ts'
import { BATCH, type StreamSource, type StreamView } from '../../../platform/events/stream-source.ts'
import { AgentRunEvent } from './run-event.schema.ts'
import { runStream } from './run-topics.ts'

/** How somebody follows a run. */
export interface WatchRunCall {
  readonly actor: Actor
  readonly input: { readonly id: string }
  /** The id of the last event seen; undefined to begin with the first. */
  readonly lastEventId: string | undefined
  readonly signal: AbortSignal
}

/** Follows runs. */
export interface WatchRunsService {
  /**
   * Every event of a run once, in order; ends by itself after the run's last.
   * @throws NOT_FOUND for everybody but its owner; BAD_REQUEST naming `lastEventId`, RESUME_TOO_OLD
   */
  onEvent(call: WatchRunCall): Promise<OpenedStream<AgentRunEvent>>
}

/** Builds the {@link WatchRunsService}. */
export function createWatchRunsService(deps: {
  readonly database: Database
  readonly bus: Bus
  readonly backstop: StreamBackstop
}): WatchRunsService {
  const reader = createEventReader(deps)
  const present = createPresenter(({ type, data }) =>
    AgentRunEvent.parse({ type, ...(data instanceof Object ? data : {}) }),
  )
  return {
    async onEvent({ actor, input: { id }, lastEventId, signal }) {
      const after = eventPosition(lastEventId) ?? 0n
      const source = runEvents(deps.database, id)
      return present(await reader.follow({ source, reader: actor.userId, after, signal }))
    },
  }
}

function runEvents(database: Database, id: string): StreamSource {
  const stream = runStream(id)
  return {
    stream,
    topics: [streamTopic(stream)],
    look: (after, readers) => lookAtRun(database, id, after, readers),
    refused: () => fail('NOT_FOUND'),
    unknownId: unknownEventId,
    tooOld: eventTooOld,
  }
}

const LOOK = `
  WITH seen AS (SELECT user_id, finished_at FROM agent_runs WHERE id = $1::uuid),
  readers AS (
    SELECT u.id::text AS reader FROM seen JOIN users u ON u.id = seen.user_id
    WHERE u.id = ANY($4::uuid[]) AND u.deleted_at IS NULL
  )
  SELECT 'head' AS kind, coalesce(s.last_id, 0)::text AS id, NULL::text AS type,
    jsonb_build_object('over', seen.finished_at IS NOT NULL) AS data
  FROM seen LEFT JOIN event_streams s ON s.name = $2
  UNION ALL SELECT 'reader', reader, NULL, NULL FROM readers
  UNION ALL (
    SELECT 'event', e.id::text, e.type, e.data FROM events e
    WHERE e.stream = $2 AND e.id > $3::bigint AND EXISTS (SELECT FROM readers)
    ORDER BY e.id LIMIT ${BATCH})`

async function lookAtRun(
  database: Pick<Database, 'pool'>,
  id: string,
  after: bigint | undefined,
  readers: readonly string[],
): Promise<StreamView> {
  const values = [id, runStream(id), after?.toString() ?? null, readers]
  return viewOf(await query<LookRow>(database, { name: 'agents.lookAtRun', text: LOOK, values }))
}
