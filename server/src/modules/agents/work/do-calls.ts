import { setTimeout as delay } from 'node:timers/promises'
import { canonicalJson } from '../../../contract/canonical-json.ts'
import { runEvent } from '../runs/run-topics.ts'
import type { ToolOutcome } from '../toolbox.ts'
import type { RunWork } from './run-work.ts'
import { answerText, failureText, noSuchTool, TOO_MANY_CALLS } from './tool-texts.ts'
import type { CallRow, Turn } from './turns.repository.ts'

/** The same call that failed so often is not made again: a model that repeats itself gets no further by it. */
const MOST_SAME_FAILURES = 3
/** The longest a call waits for its user's limit of calls; longer ones the model is told of. */
const MOST_WAIT_MS = 15_000

/** What became of a call. */
interface Done {
  readonly state: 'done' | 'failed'
  readonly result: string
}

/**
 * Makes the calls of the last step that need nobody's answer, one after the other, and writes down each with its result.
 * The id of a call is its idempotency key: one whose result could not be written any more is made again and has the
 * first answer.
 */
export async function doCalls(work: RunWork, turns: readonly Turn[]): Promise<void> {
  const earlier = turns.flatMap(({ calls }) => calls)
  const due = (turns.at(-1)?.calls ?? []).filter(({ state }) => state === 'proposed' || state === 'approved')
  const failures = earlier.filter(({ state, result }) => state === 'failed' && result !== TOO_MANY_CALLS)
  for (const call of due) {
    work.signal.throwIfAborted()
    const done = isHopeless(call, failures) ? HOPELESS : await make(work, call)
    // What was cut short may have happened or not: the next attempt finds out by the key.
    work.signal.throwIfAborted()
    if (done.state === 'failed') failures.push(call)
    await writeDown(work, call, done)
  }
}

const HOPELESS: Done = {
  state: 'failed',
  result: failureText({
    code: 'REPEATED',
    message: `This call failed ${MOST_SAME_FAILURES} times with this input and was not made again.`,
    nextStep: 'Do something else, or say what is in the way.',
  }),
}

function isHopeless(call: CallRow, failures: readonly CallRow[]): boolean {
  const key = keyOf(call)
  return failures.filter((failed) => keyOf(failed) === key).length >= MOST_SAME_FAILURES
}

function keyOf({ tool, input }: CallRow): string {
  return canonicalJson([tool, input])
}

async function make(work: RunWork, call: CallRow): Promise<Done> {
  const tool = [...work.tools.values()].find(({ path }) => path === call.tool)
  if (tool === undefined) return { state: 'failed', result: noSuchTool(call.tool) }
  let outcome = await attempt(work, call, tool.name)
  const waitMs = waitOf(outcome)
  if (waitMs !== undefined) {
    await delay(waitMs, undefined, { signal: work.signal })
    outcome = await attempt(work, call, tool.name)
  }
  switch (outcome.status) {
    case 'done':
      return { state: 'done', result: answerText(outcome.value) }
    case 'failed':
      return { state: 'failed', result: failureText(outcome.error) }
    case 'unconfirmed':
      // Its policy began to ask after the call was proposed.
      return { state: 'failed', result: failureText(UNCONFIRMED) }
  }
}

async function attempt(work: RunWork, call: CallRow, name: string): Promise<ToolOutcome> {
  const { parts, held, actorOf, signal } = work
  const { userId, traceId } = held.run
  const toolbox = parts.toolbox()
  const step = { userId, name, input: call.input, step: call.id }
  return await toolbox.run(name, call.input, {
    actor: actorOf,
    signal,
    idempotencyKey: call.id,
    traceId,
    ...(call.state === 'approved' ? { confirmation: toolbox.confirm(step) } : {}),
  })
}

function waitOf(outcome: ToolOutcome): number | undefined {
  if (outcome.status !== 'failed' || outcome.error.code !== 'TOO_MANY_REQUESTS') return undefined
  const { retryAfterMs } = outcome.error
  return retryAfterMs !== undefined && retryAfterMs <= MOST_WAIT_MS ? retryAfterMs : undefined
}

const UNCONFIRMED = {
  code: 'FORBIDDEN',
  message: 'The user has to agree to this first.',
  nextStep: 'Call it again: the user will then be asked.',
}

async function writeDown({ parts, held }: RunWork, call: CallRow, { state, result }: Done): Promise<void> {
  const { id, step, tool } = call
  await held.commit(async ({ db, emit }) => {
    const finishedAt = parts.clock.now()
    await db.agentCall.update({ where: { id }, data: { state, result, finishedAt }, select: { id: true } })
    emit(runEvent(held.run.id, { type: 'tool_result', step, callId: id, tool, state, result }))
  })
}
