import type { Actor } from '../../../contract/actor.ts'
import type { FinishReason } from '../../../platform/llm/llm-provider.ts'
import type { Hit, Retriever } from '../../knowledge/index.ts'
import type { MeteredAnswer, ModelCalls } from '../../models/index.ts'
import { assemblePrompt, type Prompt } from '../prompt/assemble.ts'
import { searchQuery } from '../prompt/search-query.ts'
import { type Turn, turnsOf } from '../prompt/turns.ts'
import { createCitedText } from './cited-text.ts'
import { beginWriting, type ReplyTask } from './replies.repository.ts'
import type { ReplyPen } from './reply-writer.ts'

/** So many passages are looked for. */
const MOST_HITS = 8

/** What asking needs. */
export interface AskDeps {
  readonly models: Pick<ModelCalls, 'chatModel' | 'ask'>
  readonly retriever: Retriever
}

/** A reply that is about to be written for `actor`. */
export interface Asking {
  readonly replyId: string
  readonly task: ReplyTask
  readonly actor: Actor
  readonly signal: AbortSignal
}

/** An answer on its way, and what it was asked with. */
export interface Asked {
  readonly answer: MeteredAnswer
  readonly prompt: Prompt
  readonly turns: readonly Turn[]
}

/**
 * Looks for what the question is about, puts the prompt together and begins to ask. Only the user's own texts and
 * passages they may read at this moment go into it. That the reply is being written is noted with the budget's room: no
 * provider hears of it before, and no other attempt asks again.
 * @throws BUDGET_EXCEEDED, MODEL_NOT_AVAILABLE, CONTEXT_TOO_LONG, AppError with a PROVIDER_ reason
 */
export async function ask({ models, retriever }: AskDeps, asking: Asking): Promise<Asked> {
  const { replyId, task, actor, signal } = asking
  const { question, threadId } = task
  const turns = turnsOf(task.past)
  const [model, hits] = await Promise.all([
    models.chatModel(actor, task.modelId),
    findHits(retriever, asking, turns),
  ])
  const prompt = assemblePrompt(model, { question, turns, hits })
  const answer = await models.ask(
    { actor, purpose: 'chat', threadId, replyId, alongside: beginWriting(replyId) },
    { modelId: model.id, messages: prompt.messages, maxOutputTokens: prompt.maxOutputTokens, signal },
  )
  return { answer, prompt, turns }
}

/** Undefined for a thread without sources: nothing is looked for. */
async function findHits(
  retriever: Retriever,
  { task, actor, signal }: Asking,
  turns: readonly Turn[],
): Promise<readonly Hit[] | undefined> {
  const { question, knowledgeBaseIds } = task
  if (knowledgeBaseIds.length === 0) return undefined
  return await retriever.search({
    actor,
    query: searchQuery(question, turns),
    knowledgeBaseIds,
    limit: MOST_HITS,
    signal,
  })
}

/**
 * Writes what comes of an answer with `pen`, made harmless and with its citations checked. Resolves with why the model
 * ended; whatever ends it otherwise is thrown after what came was given to the pen.
 */
export async function writeAnswer(
  { retriever }: Pick<AskDeps, 'retriever'>,
  { task, actor }: Asking,
  { prompt, turns, answer }: Asked,
  pen: ReplyPen,
): Promise<FinishReason> {
  const cited = createCitedText({
    sources: prompt.sources,
    known: [
      task.question,
      ...turns.map(({ question }) => question),
      ...prompt.sources.map(({ hit }) => hit.text),
    ],
    readable: (chunkIds) => retriever.readable(actor, chunkIds),
  })
  let reason: FinishReason = 'other'
  try {
    for await (const part of answer.parts) {
      if (part.type === 'finish') reason = part.reason
      if (part.type !== 'text') continue
      const { text, citations } = await cited.push(part.text)
      await pen.write(text, citations)
    }
  } finally {
    const { text, citations } = await cited.end()
    await pen.write(text, citations)
  }
  return reason
}
