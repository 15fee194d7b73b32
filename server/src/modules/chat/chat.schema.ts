import { z } from 'zod'
import { exampleId } from '../../contract/example-input.ts'
import { named } from '../../contract/json-schema.ts'
import { Dollars, Done, Id, listOf, pageInput, Timestamp, text } from '../../contract/schemas.ts'

/** The longest message, in UTF-16 units. */
const LONGEST_MESSAGE = 32_000

const ModelId = text(1, 200).meta({ examples: ['demo:answers'] })
const title = text(1, 200).meta({ examples: ['Pump maintenance'] })
const knowledgeBaseIds = z.array(Id).max(20).describe('What answers may draw on: up to 20 that you may read.')
const model = ModelId.describe('Which model answers; your own default unless given. See `models.list`.')

/** A conversation. */
export const Thread = named(
  'Thread',
  'A conversation of one user.',
  z.object({
    id: Id,
    title: z
      .string()
      .describe('The first line of the first message unless given; empty before that.')
      .meta({ examples: ['Pump maintenance'] }),
    knowledgeBaseIds: z.array(Id).meta({ examples: [[exampleId('knowledgeBase')]] }),
    model: z
      .string()
      .nullable()
      .describe('Null: the user’s own default.')
      .meta({ examples: [null] }),
    replyUnderWay: Id.nullable()
      .describe('The reply that is being written: follow it with `chat.stream`.')
      .meta({ examples: [null] }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Thread = z.infer<typeof Thread>

const citation = {
  n: z
    .int()
    .describe('The text names it as `[n]`.')
    .meta({ examples: [1] }),
  available: z.boolean().describe('False once its document is gone or you may not read it any more.'),
  chunkId: Id,
  documentId: Id,
  title: z
    .string()
    .optional()
    .describe('The document’s. Left out, like what follows, when it is not available.')
    .meta({ examples: ['Manual.pdf'] }),
  page: z
    .int()
    .optional()
    .meta({ examples: [12] }),
  headings: z.array(z.string()).meta({ examples: [['Maintenance']] }),
  span: z
    .object({ start: z.int(), end: z.int() })
    .optional()
    .describe('Where it is in the document’s text, in UTF-16 units.')
    .meta({ examples: [{ start: 1200, end: 1950 }] }),
  quote: z
    .string()
    .optional()
    .describe('How the passage begins.')
    .meta({ examples: ['The bearings are greased every 2,000 hours.'] }),
}

/** A passage that an answer names. */
export const Citation = named('Citation', 'A passage that an answer names.', z.object(citation))
export type Citation = z.infer<typeof Citation>

/** What an answer took. */
const usage = {
  inputTokens: z.int().meta({ examples: [812] }),
  outputTokens: z.int().meta({ examples: [94] }),
  cost: Dollars,
}

const MessageState = z
  .enum(['queued', 'streaming', 'done', 'stopped', 'interrupted', 'failed'])
  .describe(
    'Of a reply. `stopped`: somebody stopped it. `interrupted`: the server that wrote it died; what came is kept. `interrupted` and `failed` ones can be asked for again with `chat.retry`.',
  )

/** What was said. */
export const Message = named(
  'Message',
  'What was said in a thread: by the user, or by a model in reply.',
  z.object({
    id: Id,
    threadId: Id,
    role: z.enum(['user', 'assistant']),
    state: MessageState.meta({ examples: ['done'] }),
    answersId: Id.nullable()
      .describe('Of a reply: the message it answers.')
      .meta({ examples: [null] }),
    text: z
      .string()
      .describe('Of a reply: safe Markdown; what has come so far.')
      .meta({ examples: ['Every 2,000 hours [1].'] }),
    citations: z.array(Citation).describe('Of a reply: what it names, in the order of the text.'),
    model: z
      .string()
      .nullable()
      .meta({ examples: ['demo:answers'] }),
    usage: z.object(usage).nullable().describe('Of a reply that ended.'),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ examples: [null] }),
    traceId: z
      .string()
      .nullable()
      .meta({ examples: ['4bf92f3577b34da6a3ce929d0e0e4736'] }),
    createdAt: Timestamp,
    endedAt: Timestamp.nullable(),
  }),
)
export type Message = z.infer<typeof Message>

export const ChatThreadsCreateInput = z.strictObject({
  title: title.optional(),
  knowledgeBaseIds: knowledgeBaseIds.default([]),
  model: model.optional(),
})
export const ChatThreadsCreateOutput = Thread

export const ChatThreadsGetInput = z.strictObject({ id: Id })
export const ChatThreadsGetOutput = Thread

export const ChatThreadsListInput = z.strictObject(pageInput)
export const ChatThreadsListOutput = listOf(Thread)

export const ChatThreadsUpdateInput = z.strictObject({
  id: Id,
  data: z
    .strictObject({
      title: title.optional(),
      knowledgeBaseIds: knowledgeBaseIds.optional(),
      model: model.nullable().optional().describe('Null: the user’s own default.'),
    })
    .refine(
      (data) => Object.values(data).some((value) => value !== undefined),
      'Give at least one field to change.',
    ),
})
export const ChatThreadsUpdateOutput = Thread

export const ChatThreadsDeleteInput = z.strictObject({ id: Id })
export const ChatThreadsDeleteOutput = Done

export const ChatMessagesListInput = z.strictObject({ threadId: Id, ...pageInput })
export const ChatMessagesListOutput = listOf(Message)

export const ChatSendInput = z.strictObject({
  threadId: Id,
  text: text(1, LONGEST_MESSAGE).meta({ examples: ['How often are the bearings greased?'] }),
  model: model.optional().describe('Which model answers this message; the thread’s unless given.'),
})
export const ChatSendOutput = z.object({
  messageId: Id,
  replyId: Id.describe('Follow it with `chat.stream`.'),
})

export const ChatStopInput = z.strictObject({ replyId: Id })
export const ChatStopOutput = z.object({
  replyId: Id,
  state: MessageState.describe('How it stood then; `streaming` ends as `stopped` within two seconds.').meta({
    examples: ['streaming'],
  }),
})

export const ChatRetryInput = z.strictObject({ replyId: Id })
export const ChatRetryOutput = z.object({ replyId: Id.describe('The new reply.') })

export const ChatStreamInput = z.strictObject({ replyId: Id })

const traceId = z.string().describe('Of the call that asked for the reply.')

/** One event of a reply. */
export const ReplyEvent = named(
  'ReplyEvent',
  'One event of a reply. `done` or `error` comes last.',
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('delta'), text: z.string().describe('To be put behind the text so far.') }),
    z.object({ type: z.literal('citation'), ...citation }),
    z.object({ type: z.literal('usage'), ...usage, traceId }),
    z.object({
      type: z.literal('done'),
      state: z.enum(['done', 'stopped']),
      finishReason: z
        .string()
        .nullable()
        .describe('Why the model ended: `stop`, `length`, `content-filter` or `other`.'),
      traceId,
    }),
    z.object({
      type: z.literal('error'),
      state: z.enum(['interrupted', 'failed']),
      code: z.string().describe('A reason or code of the error catalogue, or `INTERRUPTED`.'),
      message: z.string(),
      retryable: z.boolean().describe('Whether `chat.retry` may succeed without a change.'),
      retryAt: Timestamp.optional().describe('Not before this moment.'),
      traceId,
    }),
  ]),
)
export type ReplyEvent = z.infer<typeof ReplyEvent>
export const ChatStreamOutput = ReplyEvent
