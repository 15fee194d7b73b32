import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Citation, Client, ReplyEvent, StreamedEvent, Tokens } from '@plinth/client'
import { follow } from './ask.ts'

const FOLLOWER = path.join(import.meta.dirname, '../follow-reply.ts')
/** Pieces of the answer that the first reader gets to see before it is killed. */
const PIECES = 3

/** What two readers got of one answer, one after the other. */
export interface Resumed {
  readonly text: string
  readonly citations: readonly Citation[]
  /** What the first had read when it was killed. */
  readonly before: string
  readonly lastEventId: string | undefined
}

/** Has a program of its own follow a reply, kills it half-way, and goes on after the last event it has printed. */
export async function killAndResume(
  client: Client,
  { baseUrl, tokens, replyId }: { baseUrl: string; tokens: Tokens; replyId: string },
): Promise<Resumed> {
  const reader = spawn(process.execPath, [FOLLOWER, baseUrl, replyId], {
    env: { PATH: process.env.PATH, PLINTH_TOKEN: tokens.accessToken },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let before = ''
  let lastEventId: string | undefined
  let pieces = 0
  const citations: Citation[] = []
  for await (const line of createInterface({ input: reader.stdout })) {
    const event: StreamedEvent<ReplyEvent> = JSON.parse(line)
    lastEventId = event.id
    if (event.data.type === 'delta') {
      before += event.data.text
      pieces += 1
    } else if (event.data.type === 'citation') citations.push(event.data)
    if (pieces === PIECES || event.data.type === 'done' || event.data.type === 'error') break
  }
  reader.kill('SIGKILL')
  const rest = await follow(client, replyId, lastEventId)
  return { text: before + rest.text, citations: [...citations, ...rest.citations], before, lastEventId }
}
