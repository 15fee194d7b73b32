import type { StreamEvent } from '../../../contract/event-stream.ts'
import type { ReplyEvent } from '../chat.schema.ts'
import { presentCitation } from '../messages/messages.presenter.ts'
import { type EventPlace, formatPlace } from './event-place.ts'
import type { FoundReply } from './watch-reply.repository.ts'

/** What a reply that ended tells whoever has followed it to `place`, when its events are not kept any more. */
export function rebuiltEvents(
  reply: FoundReply,
  place: EventPlace,
  readable: ReadonlySet<string>,
): StreamEvent<ReplyEvent>[] {
  const { text, citations } = reply
  const here = formatPlace(place)
  const atEnd = formatPlace({ event: place.event, offset: text.length })
  const rest = text.slice(place.offset)
  return [
    ...citations.map((citation) => ({
      id: here,
      data: { type: 'citation' as const, ...presentCitation(citation, readable) },
    })),
    ...(rest === '' ? [] : [{ id: atEnd, data: { type: 'delta' as const, text: rest } }]),
    ...usageOf(reply).map((data) => ({ id: atEnd, data })),
    { id: formatPlace({ event: BigInt(reply.revision), offset: text.length }), data: endOf(reply) },
  ]
}

function usageOf({ inputTokens, outputTokens, cost, traceId }: FoundReply): ReplyEvent[] {
  if (inputTokens === null || outputTokens === null || cost === null) return []
  return [{ type: 'usage', inputTokens, outputTokens, cost, traceId: traceId ?? '' }]
}

function endOf(reply: FoundReply): ReplyEvent {
  const { state, finishReason } = reply
  const traceId = reply.traceId ?? ''
  if (state === 'done' || state === 'stopped') return { type: 'done', state, finishReason, traceId }
  return {
    type: 'error',
    state: state === 'interrupted' ? state : 'failed',
    code: reply.errorCode ?? 'INTERNAL_SERVER_ERROR',
    message: reply.error ?? '',
    retryable: true,
    traceId,
  }
}
