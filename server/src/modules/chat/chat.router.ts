import { mutation, query, router, subscription } from '../../contract/procedure.ts'
import * as schema from './chat.schema.ts'
import type { MessagesService } from './messages/messages.service.ts'
import type { RepliesService } from './replies/replies.service.ts'
import type { WatchReplyService } from './replies/watch-reply.service.ts'
import { createThreadProcedures } from './threads/threads.router.ts'
import type { ThreadsService } from './threads/threads.service.ts'

/** What the procedures call. */
export interface ChatServices {
  readonly threads: ThreadsService
  readonly messages: MessagesService
  readonly replies: RepliesService
  readonly watch: WatchReplyService
}

/** `chat.*`. */
export const createChatRouter = ({ threads, messages, replies, watch }: ChatServices) =>
  router({
    threads: router(createThreadProcedures(threads)),
    messages: router({
      list: query({
        summary: 'List the messages of a thread, newest first.',
        policy: {
          surfaces: { rest: 'GET /chat/threads/{threadId}/messages' },
          access: { who: 'user' },
          scope: 'chat:read',
          limit: 'read',
        },
        input: schema.ChatMessagesListInput,
        output: schema.ChatMessagesListOutput,
        run: (call) => messages.list(call),
      }),
    }),
    send: mutation({
      summary: 'Say something in a thread; a model replies.',
      description:
        'Answers at once: the reply is written in the background, whether anybody follows or not. One reply is under way in a thread at a time.',
      policy: {
        surfaces: { mcp: 'listed', agent: false, rest: 'POST /chat/threads/{threadId}/messages' },
        access: { who: 'user' },
        scope: 'chat:write',
        limit: 'model',
        audit: 'chat.send',
        errors: ['REPLY_UNDER_WAY', 'MODEL_NOT_AVAILABLE', 'CONTEXT_TOO_LONG'],
      },
      input: schema.ChatSendInput,
      output: schema.ChatSendOutput,
      run: (call) => replies.send(call),
    }),
    stop: mutation({
      summary: 'Stop a reply; what was written stays, and only that is paid for.',
      description: 'One that has ended stays as it is. Leaving the stream stops nothing.',
      policy: {
        surfaces: { agent: false, rest: 'POST /chat/replies/{replyId}/stop' },
        access: { who: 'user' },
        scope: 'chat:write',
        limit: 'write',
        audit: 'chat.stop',
        idempotent: true,
      },
      input: schema.ChatStopInput,
      output: schema.ChatStopOutput,
      run: (call) => replies.stop(call),
    }),
    retry: mutation({
      summary: 'Ask again for a reply that was interrupted or failed.',
      description: 'The new reply is another message; the old one stays as it is.',
      policy: {
        surfaces: { agent: false, rest: 'POST /chat/replies/{replyId}/retry' },
        access: { who: 'user' },
        scope: 'chat:write',
        limit: 'model',
        audit: 'chat.retry',
        errors: ['REPLY_UNDER_WAY', 'REPLY_NOT_FAILED'],
      },
      input: schema.ChatRetryInput,
      output: schema.ChatRetryOutput,
      run: (call) => replies.retry(call),
    }),
    stream: subscription({
      summary: 'Follow a reply as it is written.',
      description:
        'Starts with the first event however late it is opened, with `lastEventId` after that event, and ends with `done` or `error`. Every event comes once, in order. A citation comes before the text that names it.',
      policy: {
        surfaces: { rest: 'GET /chat/replies/{replyId}/events' },
        access: { who: 'user' },
        scope: 'chat:read',
        limit: 'stream',
      },
      input: schema.ChatStreamInput,
      output: schema.ChatStreamOutput,
      run: (call) => watch.stream(call),
    }),
  })
