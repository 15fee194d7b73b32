import type { Actor } from '../../contract/actor.ts'
import type { AnswerHeaders, CallContext } from '../../contract/call-context.ts'
import { limit } from '../../contract/pipeline/limit.ts'

/** Sees to it that a message is counted, and once. */
export interface MessageCount {
  /** What the message's procedure is to be given: notes when the pipeline counts. */
  readonly headers: AnswerHeaders
  /**
   * Counts the message as a read unless the pipeline did: wrong arguments, unknown names and the library's own
   * refusals must not be free.
   * @throws TOO_MANY_REQUESTS
   */
  settle(): Promise<void>
}

/** Builds the {@link MessageCount} of one message. */
export function countMessage(actor: Actor, context: CallContext): MessageCount {
  let counted = false
  const headers: AnswerHeaders = {
    shownLimits: new Map(),
    set(name, value) {
      if (name === 'RateLimit') counted = true
      context.headers.set(name, value)
    },
  }
  return {
    headers,
    async settle() {
      if (!counted) await limit({ limit: 'read' }, actor, { ...context, headers })
    },
  }
}
