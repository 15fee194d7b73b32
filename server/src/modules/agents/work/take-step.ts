import { failBecause } from '../../../contract/errors.ts'
import { endRun } from '../runs/end-run.ts'
import { runEvent } from '../runs/run-topics.ts'
import { askModel, charged, MOST_OUTPUT_TOKENS, type StepAnswer } from './ask-model.ts'
import { conversationOf } from './conversation.ts'
import { proposedCalls } from './proposed-calls.ts'
import { RunOver } from './run-over.ts'
import type { RunWork } from './run-work.ts'
import type { Turn } from './turns.repository.ts'

const THREAD_MESSAGES = 20
/** The answer gets no more than a quarter of a small model's window. */
const ANSWER_SHARE = 4
const MOST_WHY = 1_000

/**
 * Asks the model once more and writes down what it said, with its calls, in one transaction; an answer without calls is
 * the run's result.
 * @returns whether the run has ended
 * @throws RunOver at a limit, CONTEXT_TOO_LONG, and as {@link askModel}
 */
export async function takeStep(work: RunWork, turns: readonly Turn[]): Promise<boolean> {
  const { parts, held, settings, tools, actorOf } = work
  const { run } = held
  const step = turns.length + 1
  await requireWithinLimits(work, step)
  const actor = await actorOf()
  if (actor === null) throw new RunOver('CREDENTIAL_ENDED', 'The user has lost access.')
  const model = await parts.calls.chatModel(actor, settings.model)
  if (tools.size > 0 && !model.tools)
    throw failBecause('MODEL_NOT_AVAILABLE', { message: `${model.id} cannot call tools; choose another.` })
  const thread =
    run.threadId === null
      ? []
      : await parts.threads.recent(parts.database.prisma, run.userId, run.threadId, THREAD_MESSAGES)
  const maxOutputTokens = Math.min(
    model.maxOutputTokens,
    MOST_OUTPUT_TOKENS,
    Math.floor(model.contextTokens / ANSWER_SHARE),
  )
  const messages = conversationOf(
    { settings, thread: thread ?? [], input: run.input, startedAt: run.createdAt, turns },
    [...tools.values()],
    { tokens: model.contextTokens - maxOutputTokens, countTokens: (text) => model.countTokens(text) },
  )
  if (messages === null) throw failBecause('CONTEXT_TOO_LONG')
  const answer = await askModel(work, { step, model, messages, maxOutputTokens })
  return await writeDown(work, answer)
}

async function requireWithinLimits({ parts, held, settings }: RunWork, step: number): Promise<void> {
  const { maxSteps, maxCost } = settings
  if (step > maxSteps) throw new RunOver('STEP_LIMIT', `It did not finish within ${maxSteps} steps.`)
  if (maxCost === null) return
  const { cost } = await parts.database.prisma.agentRun.findUniqueOrThrow({
    where: { id: held.run.id },
    select: { cost: true },
  })
  if (cost.greaterThanOrEqualTo(maxCost))
    throw new RunOver('COST_LIMIT', `It has cost ${cost.toFixed()} US dollars; ${maxCost} is its limit.`)
}

async function writeDown(work: RunWork, answer: StepAnswer): Promise<boolean> {
  const { parts, held } = work
  const { run } = held
  const { step, text, unsaid, bill } = answer
  const now = parts.clock.now()
  const calls = proposedCalls(work, step, answer.toolCalls, now)
  const isResult = calls.length === 0
  await held.commit(async (change) => {
    const { db, emit } = change
    if (unsaid !== '') emit(runEvent(run.id, { type: 'text', step, text: unsaid }))
    await db.agentStep.update({
      where: { runId_position: { runId: run.id, position: step } },
      data: { text, finishedAt: now },
      select: { position: true },
    })
    const totals = await db.agentRun.update({
      where: { id: run.id },
      data: { steps: step, ...(bill === undefined ? {} : charged(bill)) },
      select: { inputTokens: true, outputTokens: true, cost: true },
    })
    const { inputTokens, outputTokens } = totals
    emit(runEvent(run.id, { type: 'usage', step, inputTokens, outputTokens, cost: totals.cost.toFixed() }))
    await db.agentCall.createMany({
      data: calls.map((call) => ({
        ...call,
        runId: run.id,
        createdAt: now,
        finishedAt: call.state === 'failed' ? now : null,
      })),
    })
    for (const { id: callId, tool, input, state, result } of calls) {
      emit(runEvent(run.id, { type: 'tool_call', step, callId, tool, input }))
      if (state === 'waiting') {
        const why = text.slice(0, MOST_WHY).toWellFormed()
        emit(runEvent(run.id, { type: 'approval_needed', step, callId, tool, input, why }))
      }
      if (state === 'failed')
        emit(runEvent(run.id, { type: 'tool_result', step, callId, tool, state, result: result ?? '' }))
    }
    if (!isResult) return
    if (text.trim() === '') {
      await endRun(change, run.id, { state: 'failed', ...silence(answer) }, now)
      return
    }
    await endRun(change, run.id, { state: 'succeeded', result: text }, now)
    if (run.threadId !== null) await parts.threads.post(change, { threadId: run.threadId, text })
  })
  return isResult
}

function silence({ reason }: StepAnswer): { code: string; message: string } {
  return reason === 'content-filter'
    ? { code: 'PROVIDER_REFUSED', message: 'The model’s provider refused to answer.' }
    : { code: 'PROVIDER_BAD_ANSWER', message: 'The model said nothing.' }
}
