import type { Overrides } from '../../../server/src/app.ts'
import { expectOk } from '../expect-clean.ts'
import { field, mutate, query } from '../http.ts'
import { liftLimits } from '../lift-limits.ts'
import { textOf } from '../people.ts'
import type { Principal } from '../principals.ts'
import { openStream } from '../sse.ts'
import { until } from '../until.ts'
import { createWorld, type World } from '../world.ts'
import { startVendorServer, type VendorServer } from './vendor-server.ts'

/** Who calls: somebody with a token. */
export type Caller = Pick<Principal, 'token'>

/** A reply that has ended. */
export interface EndedReply {
  readonly threadId: string
  readonly messageId: string
  readonly replyId: string
  readonly state: string
  /** As it is stored. */
  readonly text: string
  /** As a client that followed it from the beginning put it together. */
  readonly streamed: string
  readonly citations: readonly unknown[]
  /** The stored message, whole. */
  readonly message: unknown
  /** Everything that was streamed, whole. */
  readonly events: readonly unknown[]
}

/** A world whose models are at a vendor's that does what a test says. */
export interface ChatWorld extends AsyncDisposable {
  readonly world: World
  readonly vendor: VendorServer
  /** Makes a knowledge base and waits until its documents can be found. */
  knowledgeBase(
    owner: Caller,
    documents: Readonly<Record<string, string>>,
    projectId?: string,
  ): Promise<KnowledgeBaseFixture>
  /** A thread that answers from these knowledge bases. */
  thread(who: Caller, knowledgeBaseIds?: readonly string[]): Promise<string>
  /** Sends a message and gives back the reply's id. */
  send(who: Caller, threadId: string, text: string): Promise<{ messageId: string; replyId: string }>
  /** Sends a message, follows the reply and waits until it has ended. */
  ask(who: Caller, threadId: string, text: string): Promise<EndedReply>
  /** Waits until a reply that was sent has ended. */
  ended(who: Caller, threadId: string, replyId: string, withinMs?: number): Promise<unknown>
}

/** A knowledge base and what is in it, by the names of the documents. */
export interface KnowledgeBaseFixture {
  readonly id: string
  readonly documents: Readonly<Record<string, string>>
}

const INGEST_MS = 30_000
const REPLY_MS = 20_000
const UNDER_WAY = ['queued', 'streaming']

/** Starts a {@link ChatWorld}; calls are not counted in it. */
export async function createChatWorld(
  variables: Record<string, string> = {},
  overrides: Overrides = {},
): Promise<ChatWorld> {
  const vendor = await startVendorServer()
  const world = await createWorld({ ...vendor.variables(), ...variables }, overrides)
  liftLimits(world.server)
  const { baseUrl } = world.server
  const call = async (who: Caller, path: string, input: unknown) =>
    expectOk(await mutate(baseUrl, path, input, { token: who.token }))

  async function ended(who: Caller, threadId: string, replyId: string, withinMs = REPLY_MS) {
    return await until(
      'the reply has ended',
      async () => {
        const page = await query(
          baseUrl,
          'chat.messages.list',
          { threadId, limit: 100 },
          { token: who.token },
        )
        const message = listOf(page.data).find((one) => field(one, 'id') === replyId)
        return UNDER_WAY.includes(String(field(message, 'state'))) ? undefined : message
      },
      withinMs,
    )
  }
  const send: ChatWorld['send'] = async (who, threadId, text) => {
    const answer = await call(who, 'chat.send', { threadId, text })
    return { messageId: textOf(answer, 'messageId'), replyId: textOf(answer, 'replyId') }
  }
  return {
    world,
    vendor,
    async knowledgeBase(owner, documents, projectId) {
      const base = await call(owner, 'knowledgeBases.create', {
        name: 'Notes',
        ...(projectId === undefined ? {} : { projectId }),
      })
      const id = textOf(base, 'id')
      const ids: Record<string, string> = {}
      for (const [name, text] of Object.entries(documents)) {
        ids[name] = await uploadDocument(world, owner, id, name, text)
      }
      return { id, documents: ids }
    },
    async thread(who, knowledgeBaseIds = []) {
      return textOf(await call(who, 'chat.threads.create', { knowledgeBaseIds }), 'id')
    },
    send,
    async ask(who, threadId, text) {
      const { messageId, replyId } = await send(who, threadId, text)
      using stream = await openStream(baseUrl, 'chat.stream', { replyId }, { token: who.token })
      const message = await ended(who, threadId, replyId)
      await stream.ended(REPLY_MS)
      const events = stream.events().map(({ data }) => data)
      return {
        threadId,
        messageId,
        replyId,
        state: String(field(message, 'state')),
        text: String(field(message, 'text')),
        streamed: events
          .map((event) => (field(event, 'type') === 'delta' ? field(event, 'text') : ''))
          .join(''),
        citations: listOf(message, 'citations'),
        message,
        events,
      }
    },
    ended,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await vendor[Symbol.asyncDispose]()
    },
  }
}

/** Uploads a text as a document and waits until it can be found. @returns its id */
async function uploadDocument(
  { server }: World,
  owner: Caller,
  knowledgeBaseId: string,
  name: string,
  text: string,
): Promise<string> {
  const as = { token: owner.token }
  const file = new File([text], name, { type: 'text/markdown' })
  const answer = expectOk(await mutate(server.baseUrl, 'documents.upload', { knowledgeBaseId, file }, as))
  const id = textOf(answer, 'document', 'id')
  await until(
    `${name} can be found`,
    async () => {
      const job = await query(server.baseUrl, 'jobs.get', { id: textOf(answer, 'jobId') }, as)
      const state = String(field(job.data, 'state'))
      if (['failed', 'dead', 'cancelled'].includes(state)) throw new Error(`${name}: ${job.text}`)
      return state === 'succeeded' ? true : undefined
    },
    INGEST_MS,
  )
  return id
}

function listOf(value: unknown, name = 'data'): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}
