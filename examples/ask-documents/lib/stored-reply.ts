import type { Client } from '@plinth/client'

/** A reply as the server keeps it. */
export async function storedReply(client: Client, threadId: string, replyId: string) {
  const { data } = await client.chat.messages.list.query({ threadId, limit: 100 })
  const found = data.find(({ id }) => id === replyId)
  if (found === undefined) throw new Error('The reply is not in its thread.')
  return found
}

/** What two readers got of a stream must be what is stored, to the letter. */
export function requireSame(streamed: string, stored: string): void {
  if (streamed === stored) return
  throw new Error(`The stream said something else than is stored:\n${streamed}\n---\n${stored}`)
}
