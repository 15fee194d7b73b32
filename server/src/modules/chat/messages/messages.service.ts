import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { sliceOf } from '../../../contract/page-request.ts'
import type { Database } from '../../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../../platform/pagination/page.ts'
import type { Retriever } from '../../knowledge/index.ts'
import type { ChatMessagesListInput, Message } from '../chat.schema.ts'
import { presentMessage } from './messages.presenter.ts'
import { listMessages } from './messages.repository.ts'

/** What was said in threads. */
export interface MessagesService {
  /** Newest first. @throws NOT_FOUND, BAD_REQUEST (`cursor`, `page`) */
  list(call: {
    readonly actor: Actor
    readonly input: z.output<typeof ChatMessagesListInput>
  }): Promise<Page<Message>>
}

/** Builds the {@link MessagesService}. */
export function createMessagesService(deps: {
  readonly database: Database
  readonly retriever: Pick<Retriever, 'readable'>
}): MessagesService {
  const { database, retriever } = deps
  return {
    async list({ actor, input }) {
      const { threadId, limit } = input
      const scope: CursorScope = { list: 'chat.messages', keyType: 'text', filters: { threadId } }
      const slice = sliceOf(input, scope)
      const before = slice.by === 'cursor' ? slice.after?.id : undefined
      const part = { take: limit + 1, skip: slice.by === 'page' ? slice.offset : 0, before }
      const found = await listMessages(database, actor.userId, threadId, part, slice.by === 'page')
      if (found === null) throw fail('NOT_FOUND')
      const chunkIds = [...new Set(found.rows.flatMap((row) => row.citations.map(({ chunkId }) => chunkId)))]
      const readable = chunkIds.length === 0 ? new Set<string>() : await retriever.readable(actor, chunkIds)
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: (row) => presentMessage(row, readable),
        cursorOf: ({ id }) => encodeCursor(scope, { key: null, id }),
      })
    },
  }
}
