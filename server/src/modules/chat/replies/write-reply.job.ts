import { AppError, fail } from '../../../contract/errors.ts'
import { handleJob, type JobHandler } from '../../../contract/job.ts'
import { isUnavailable, whenInDoubt } from '../../../platform/database/index.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import { type AbortCause, abortCause } from '../../../platform/jobs/attempt.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { Bill, ModelCalls } from '../../models/index.ts'
import { type AskDeps, type Asking, ask, writeAnswer } from './answer-reply.ts'
import { type EndReplyDeps, interruptReply } from './end-reply.ts'
import { endReply, findTask } from './replies.repository.ts'
import { type Ending, failureFor, failureOf, INTERRUPTED, LOCKED_OUT, replyEnd } from './reply-ends.ts'
import { replyStream } from './reply-events.ts'
import type { HaltCause, ReplyPen, ReplyWriter } from './reply-writer.ts'
import type { StopRequests } from './stop-requests.ts'
import { writeReply } from './write-reply.ts'

/** What the job needs. */
export interface WriteReplyDeps extends AskDeps, Omit<EndReplyDeps, 'models'> {
  readonly models: ModelCalls
  readonly writer: ReplyWriter
  readonly stops: StopRequests
  readonly logger: Pick<Logger, 'error'>
}

/** What the signal of a reply aborts with that is to be written no further. */
class ReplyHalted extends Error {
  override readonly name = 'ReplyHalted'
  readonly why: HaltCause

  constructor(why: HaltCause, cause?: unknown) {
    super(`The reply is to be written no further: ${why}`, { cause })
    this.why = why
  }
}

type Halted = (why: HaltCause, cause?: unknown) => void

/**
 * Writes a reply. Once something was asked, no later attempt asks again: what a dead worker left becomes `interrupted`
 * with the text that came, and whoever wants it asks anew. Before that the job simply runs again.
 */
export function createWriteReply(deps: WriteReplyDeps): JobHandler {
  const { database, bus, clock, writer, stops, logger } = deps

  return handleJob(writeReply, async ({ payload: { replyId }, actor, signal }) => {
    if (actor === null) throw fail('NOT_FOUND')
    const task = await findTask(database, replyId)
    if (task === null) return { replyId, state: 'gone' }
    if (task.state === 'streaming') return { replyId, state: await interruptReply(deps, replyId) }
    if (task.state !== 'queued') return { replyId, state: task.state }

    const halt = new AbortController()
    const halted: Halted = (why, cause) => halt.abort(new ReplyHalted(why, cause))
    const unwatch = stops.watch({ id: replyId, userId: actor.userId }, halted)
    const pen = writer.open({ id: replyId, revision: BigInt(task.revision), halt: halted })
    const asking: Asking = { replyId, task, actor, signal: AbortSignal.any([signal, halt.signal]) }
    const attempt = await answer(asking, pen, halted)
    unwatch()
    // Throws when what came could not be written: the next attempt finds it so.
    const { revision, length } = await pen.close()

    const ending = attempt.failed ? endingOf(attempt.error, signal) : attempt.ending
    if (ending === undefined) return { replyId, state: 'gone' }
    const ended = {
      id: replyId,
      revision,
      length,
      traceId: task.traceId,
      bill: await attempt.bill,
      now: clock.now(),
    }
    const isEnded = await endReply(database.prisma, replyEnd(ended, ending)).catch(
      whenInDoubt(() => wake(replyId)),
    )
    if (isEnded) wake(replyId)
    const isExpected = ending === LOCKED_OUT || (attempt.failed && attempt.error instanceof AppError)
    if (attempt.failed && !isExpected && ending.state === 'failed') {
      logger.error('a reply failed', { replyId, traceId: task.traceId, error: attempt.error })
    }
    return { replyId, state: ending.state }
  })

  async function answer(asking: Asking, pen: ReplyPen, halted: Halted): Promise<Attempt> {
    let bill: Attempt['bill'] = Promise.resolve(undefined)
    try {
      const asked = await ask(deps, asking)
      bill = asked.answer.bill
      if (!asked.answer.noted) {
        // Stopped, or begun by another attempt: nobody was asked yet, so the room that was held is given back.
        halted('lost')
        return { failed: true, error: asking.signal.reason, bill }
      }
      const finishReason = await writeAnswer(deps, asking, asked, pen)
      return { failed: false, ending: { state: 'done', finishReason }, bill }
    } catch (error) {
      return { failed: true, error: asking.signal.aborted ? asking.signal.reason : error, bill }
    }
  }

  function wake(replyId: string): void {
    const message = { topic: streamTopic(replyStream(replyId)), payload: '' }
    bus.publish(message.topic, message.payload)
    bus.tell([message])
  }
}

type Attempt = { readonly bill: Promise<Bill | undefined> } & (
  | { readonly failed: false; readonly ending: Ending }
  | { readonly failed: true; readonly error: unknown }
)

/** How a reply ends that was not finished; undefined when it is not ours to end. @throws what the job has to be run again for */
function endingOf(error: unknown, signal: AbortSignal): Ending | undefined {
  if (error instanceof ReplyHalted) {
    if (error.why === 'broken') throw error.cause
    return AT_HALT[error.why]
  }
  const cause = abortCause(signal)
  if (cause !== undefined) return AT_ABORT[cause]
  if (error instanceof AppError) return failureOf(error)
  if (isUnavailable(error)) throw error
  return failureFor('INTERNAL_SERVER_ERROR')
}

const STOPPED: Ending = { state: 'stopped', finishReason: null }

/** What becomes of a reply that is to be written no further. */
const AT_HALT: Readonly<Record<Exclude<HaltCause, 'broken'>, Ending | undefined>> = {
  stopped: STOPPED,
  'locked out': LOCKED_OUT,
  lost: undefined,
}

/** What the end of the job's attempt makes of the reply. */
const AT_ABORT: Readonly<Record<AbortCause, Ending | undefined>> = {
  cancelled: STOPPED,
  stopping: INTERRUPTED,
  'time limit': failureFor('TIMEOUT'),
  lost: undefined,
}
