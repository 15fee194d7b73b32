import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../contract/errors.ts'
import type { FinishReason, LlmMessage, ToolCall } from '../../../platform/llm/llm-provider.ts'
import { createSafeText } from '../../../platform/safe-text/index.ts'
import type { Bill, MeteredAnswer, UsableModel } from '../../models/index.ts'
import { runEvent } from '../runs/run-topics.ts'
import { RunOver } from './run-over.ts'
import type { RunWork } from './run-work.ts'
import { createTextWriter } from './text-writer.ts'
import type { Turn } from './turns.repository.ts'

/** How often a provider that fails for the moment is asked again within one step. */
const MOST_RETRIES = 3
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 20_000
/** What one step needs at most. */
export const MOST_OUTPUT_TOKENS = 8_192

/** What the model said in a step, and what it cost. */
export interface StepAnswer {
  readonly step: number
  /** Made safe for people. */
  readonly text: string
  /** The part of it that is among no event yet. */
  readonly unsaid: string
  readonly toolCalls: readonly ToolCall[]
  readonly reason: FinishReason
  readonly usageId: string
  readonly bill: Bill | undefined
}

/** A step about to be asked for. */
export interface Question {
  readonly step: number
  readonly model: UsableModel
  readonly messages: readonly LlmMessage[]
  readonly maxOutputTokens: number
}

/**
 * Asks for one step; its text goes out as it comes. A provider that fails for the moment is asked again.
 * @throws AppError, RunLost, RunOver, the signal's reason
 */
export async function askModel(work: RunWork, question: Question): Promise<StepAnswer> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await askOnce(work, question)
    } catch (error) {
      work.signal.throwIfAborted()
      const pause = pauseAfter(error, retry)
      if (pause === undefined) throw error
      await delay(pause, undefined, { signal: work.signal })
      await dropOpenStep(work, question.step)
    }
  }
}

/** What may be over in a moment; a refused key or a bad answer is not. */
const PASSING: ReadonlySet<AppError['reason']> = new Set([
  'PROVIDER_UNAVAILABLE',
  'PROVIDER_TIMEOUT',
  'PROVIDER_RATE_LIMITED',
])

function pauseAfter(error: unknown, retry: number): number | undefined {
  if (!(error instanceof AppError) || retry >= MOST_RETRIES) return undefined
  if (!PASSING.has(error.reason)) return undefined
  const wanted = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** retry
  return wanted > LONGEST_PAUSE_MS ? undefined : wanted
}

async function askOnce(work: RunWork, question: Question): Promise<StepAnswer> {
  const { parts, held, settings, tools, actorOf } = work
  const { step, model, messages, maxOutputTokens } = question
  const { run } = held
  const actor = await actorOf()
  if (actor === null) throw new RunOver('CREDENTIAL_ENDED', 'The user has lost access.')
  // Writing fails when the run is not ours any more; the provider is then told at once.
  const lost = new AbortController()
  const signal = AbortSignal.any([work.signal, lost.signal])
  const answer = await parts.calls.ask(
    {
      actor,
      purpose: 'agent',
      runId: run.id,
      ...(run.threadId === null ? {} : { threadId: run.threadId }),
    },
    {
      modelId: model.id,
      messages,
      maxOutputTokens,
      signal,
      ...(settings.tools.length === 0
        ? {}
        : {
            tools: [...tools.values()].map(({ name, description, inputSchema }) => ({
              name,
              description,
              inputSchema,
            })),
          }),
    },
  )
  const { usageId } = answer
  await held
    .commit(async ({ db, emit }) => {
      await db.agentStep.create({ data: { runId: run.id, position: step, text: '', usageId } })
      emit(runEvent(run.id, { type: 'step', step }))
    })
    .catch((error: unknown) => {
      // Nobody will read of it: what it holds of the budget is free again.
      lost.abort(error)
      throw error
    })
  const writer = createTextWriter(
    (piece, whole) =>
      held.commit(async ({ db, emit }) => {
        await db.agentStep.update({
          where: { runId_position: { runId: run.id, position: step } },
          data: { text: whole },
          select: { position: true },
        })
        emit(runEvent(run.id, { type: 'text', step, text: piece }))
      }),
    (error) => lost.abort(error),
  )
  const { toolCalls, reason } = await listen(answer, (piece) => writer.push(piece)).catch(
    async (error: unknown) => {
      // Written later, it would stand over what the model says when it is asked again.
      await writer.rest().catch(() => undefined)
      throw error
    },
  )
  const unsaid = await writer.rest()
  return { step, text: writer.text(), unsaid, toolCalls, reason, usageId, bill: await answer.bill }
}

async function listen(
  { parts }: MeteredAnswer,
  say: (piece: string) => void,
): Promise<Pick<StepAnswer, 'toolCalls' | 'reason'>> {
  const guard = createSafeText()
  const toolCalls: ToolCall[] = []
  let reason: FinishReason = 'other'
  for await (const part of parts) {
    if (part.type === 'text') say(guard.push(part.text))
    else if (part.type === 'tool-call') toolCalls.push(part.call)
    else reason = part.reason
  }
  say(guard.end())
  return { toolCalls, reason }
}

/**
 * Forgets a step that the model did not end: its worker died, or the provider failed. What it cost is part of the run.
 */
export async function dropOpenStep({ parts, held }: RunWork, step: number): Promise<void> {
  const runId = held.run.id
  await held.commit(async ({ db }) => {
    const where = { runId_position: { runId, position: step } }
    const open = await db.agentStep.findUnique({
      where,
      select: { text: true, usageId: true, finishedAt: true },
    })
    if (open === null || open.finishedAt !== null) return
    const bill = open.usageId === null ? null : await parts.calls.settleAbandoned(db, open.usageId, open.text)
    await db.agentStep.delete({ where })
    if (bill !== null)
      await db.agentRun.update({ where: { id: runId }, data: charged(bill), select: { id: true } })
  })
}

/** What a bill adds to a run. */
export function charged({ inputTokens, outputTokens, cost }: Bill) {
  return {
    inputTokens: { increment: inputTokens },
    outputTokens: { increment: outputTokens },
    cost: { increment: cost },
  }
}

/** The step that was begun and not ended, if there is one. */
export function openStepOf(turns: readonly Turn[]): number | undefined {
  return turns.find(({ finished }) => !finished)?.step
}
