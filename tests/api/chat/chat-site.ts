import { randomUUID } from 'node:crypto'
import {
  type ReplyEvent,
  ReplyEvent as ReplyEventSchema,
} from '../../../server/src/modules/chat/chat.schema.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { type Answer, mutate, query } from '../../support/http.ts'
import { type ScriptedProvider, scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { addPerson, textOf } from '../../support/people.ts'
import { startServer, type TestServer, type TestServerOptions } from '../../support/server.ts'
import { openStream, type SseStream } from '../../support/sse.ts'

/** Somebody who is logged in. */
export type ChatPerson = Awaited<ReturnType<typeof addPerson>>

/** A passage of a document. */
export interface Passage {
  readonly chunkId: string
  readonly documentId: string
  readonly knowledgeBaseId: string
}

/** A server whose default model does what a test says. */
export interface ChatSite extends AsyncDisposable {
  readonly server: TestServer
  readonly model: ScriptedProvider
  person(): Promise<ChatPerson>
  /** A call that succeeds, by whom `token` is. */
  call(who: ChatPerson, path: string, input: unknown): Promise<unknown>
  /** A call that may not. */
  tryCall(who: ChatPerson, path: string, input: unknown): Promise<Answer>
  thread(who: ChatPerson, fields?: Record<string, unknown>): Promise<string>
  send(who: ChatPerson, threadId: string, text: string): Promise<{ messageId: string; replyId: string }>
  follow(who: ChatPerson, replyId: string, lastEventId?: string): Promise<SseStream>
  /** A knowledge base of `who` with one document of these passages. */
  base(who: ChatPerson, texts: readonly string[], name?: string): Promise<Passage[]>
}

const READS = /\.(?:get|list)$/

/** Starts a {@link ChatSite}. */
export async function chatSite(
  options: TestServerOptions = {},
  model = scriptedProvider('demo'),
): Promise<ChatSite> {
  const server = await startServer({
    ...options,
    overrides: { llmProviders: [model], ...options.overrides },
  })
  const { baseUrl } = server
  const tryCall: ChatSite['tryCall'] = (who, path, input) =>
    (READS.test(path) ? query : mutate)(baseUrl, path, input, { token: who.token })
  const call: ChatSite['call'] = async (who, path, input) => {
    const answer = await tryCall(who, path, input)
    expectOk(answer)
    return answer.data
  }
  return {
    server,
    model,
    call,
    tryCall,
    person: () => addPerson(server),
    thread: async (who, fields = {}) => textOf(await call(who, 'chat.threads.create', fields), 'id'),
    async send(who, threadId, text) {
      const data = await call(who, 'chat.send', { threadId, text })
      return { messageId: textOf(data, 'messageId'), replyId: textOf(data, 'replyId') }
    },
    follow: (who, replyId, lastEventId) =>
      openStream(
        baseUrl,
        'chat.stream',
        { replyId },
        {
          token: who.token,
          ...(lastEventId === undefined ? {} : { lastEventId }),
        },
      ),
    base: (who, texts, name = 'Manual.pdf') => addBase(server, who.id, texts, name),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** The events of a stream, as the schema says. */
export function eventsOf(stream: SseStream): { id: string; event: ReplyEvent }[] {
  return stream.events().map(({ id = '', data }) => ({ id, event: ReplyEventSchema.parse(data) }))
}

/** What the deltas of a stream add up to. */
export function textIn(stream: SseStream): string {
  return eventsOf(stream)
    .map(({ event }) => (event.type === 'delta' ? event.text : ''))
    .join('')
}

async function addBase(
  { database: { prisma } }: TestServer,
  ownerId: string,
  texts: readonly string[],
  name: string,
): Promise<Passage[]> {
  const { id: knowledgeBaseId } = await prisma.knowledgeBase.create({ data: { name: 'Handbook', ownerId } })
  const [documentId, versionId] = [randomUUID(), randomUUID()]
  await prisma.document.create({ data: { id: documentId, knowledgeBaseId, name } })
  const chunks = texts.map((text, position) => ({ id: randomUUID(), position, text }))
  await prisma.documentVersion.create({
    data: {
      id: versionId,
      documentId,
      knowledgeBaseId,
      number: 1,
      jobId: randomUUID(),
      state: 'ready',
      readyAt: new Date(),
      type: 'text/plain',
      bytes: 1,
      sha256: '',
      chunkCount: chunks.length,
      chunks: {
        create: chunks.map((chunk) => ({
          ...chunk,
          page: chunk.position + 1,
          headings: ['Upkeep'],
          documentId,
          knowledgeBaseId,
          spanStart: 0,
          spanEnd: chunk.text.length,
        })),
      },
    },
  })
  await prisma.document.update({ where: { id: documentId }, data: { currentVersionId: versionId } })
  return chunks.map(({ id: chunkId }) => ({ chunkId, documentId, knowledgeBaseId }))
}
