import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import { createEventReader } from '../../platform/events/event-reader.ts'
import type { StreamBackstop } from '../../platform/events/stream-backstop.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Retriever } from '../knowledge/index.ts'
import type { ModelCalls } from '../models/index.ts'
import { createChatRouter } from './chat.router.ts'
import { createMessagesService } from './messages/messages.service.ts'
import { createRepliesService } from './replies/replies.service.ts'
import { createReplyWriter } from './replies/reply-writer.ts'
import { createStopRequests } from './replies/stop-requests.ts'
import { createTidyReplies } from './replies/tidy-replies.job.ts'
import { createWatchReplyService } from './replies/watch-reply.service.ts'
import { createWriteReply } from './replies/write-reply.job.ts'
import { createThreadNotes } from './thread-notes.ts'
import { createThreadsService } from './threads/threads.service.ts'

/** What the module is made of. */
export interface ChatDeps {
  readonly database: Database
  readonly bus: Bus
  readonly backstop: StreamBackstop
  readonly clock: Clock
  readonly logger: Logger
  readonly models: ModelCalls
  readonly retriever: Retriever
}

/** Builds the chat module. */
export function createChat(deps: ChatDeps) {
  const { database, bus } = deps
  const stops = createStopRequests(database, bus)
  const reader = createEventReader(deps)
  const writer = createReplyWriter(database, bus, reader)
  return {
    router: createChatRouter({
      threads: createThreadsService(deps),
      messages: createMessagesService(deps),
      replies: createRepliesService(deps),
      watch: createWatchReplyService({ ...deps, reader }),
    }),
    jobs: [createWriteReply({ ...deps, writer, stops }), createTidyReplies(deps)],
    /** How other modules write into threads. */
    notes: createThreadNotes(deps),
    close: () => stops.close(),
  }
}

/** The chat module as the composition root holds it. */
export type Chat = ReturnType<typeof createChat>
