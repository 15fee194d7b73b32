import type { Citation, Client } from '@plinth/client'

/** An answer as it came over the stream. */
export interface Answer {
  readonly question: string
  readonly threadId: string
  readonly replyId: string
  readonly text: string
  readonly citations: readonly Citation[]
}

/** Asks one question in a thread of its own, which answers from these knowledge bases. @returns the reply to follow */
export async function send(
  client: Client,
  question: string,
  { knowledgeBaseIds, model }: { knowledgeBaseIds: string[]; model: string | undefined },
): Promise<{ threadId: string; replyId: string }> {
  const title = question.slice(0, 100)
  const thread = await client.chat.threads.create.mutate({ title, knowledgeBaseIds, model })
  const { replyId } = await client.chat.send.mutate({ threadId: thread.id, text: question })
  return { threadId: thread.id, replyId }
}

/** Puts an answer together from what its stream tells, from the event after `lastEventId` on. */
export async function follow(
  client: Client,
  replyId: string,
  lastEventId?: string,
): Promise<{ text: string; citations: Citation[] }> {
  let text = ''
  const citations: Citation[] = []
  for await (const { data } of client.chat.stream.subscribe({ replyId }, { lastEventId })) {
    if (data.type === 'delta') text += data.text
    else if (data.type === 'citation') citations.push(data)
    else if (data.type === 'error') throw new Error(data.message)
    else if (data.type === 'done') break
  }
  return { text, citations }
}
