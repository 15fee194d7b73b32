import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { collectAnswer } from '../collect.ts'
import { LlmError } from '../llm-error.ts'
import type { EmbedRequest, LlmPart, LlmProvider, LlmRequest } from '../llm-provider.ts'
import { createLocalEmbedder, type LocalEmbedder } from '../local-embedder/local-embedder.ts'
import { demoReply } from './demo-reply.ts'
import { countDemoTokens, firstTokens, wordPieces } from './demo-tokens.ts'

const NAME = 'demo'

/** The provider's chat model: `demo:answers`. It answers from sources in the prompt and calls tools. */
const CHAT_MODEL = { name: 'answers', contextTokens: 32_768 } as const
/** The provider's embedding model: `demo:local`. */
const EMBEDDING_MODEL = 'local'
/** What every message costs beside its text, and every call beside its input. */
const TOKENS_PER_MESSAGE = 4

/**
 * A provider that needs no network and no key, for trying everything out and for tests. The same conversation always
 * gets the same answer, which streams word by word.
 * @param embedder makes the vectors; close it where you made it
 */
export function createDemoProvider(embedder: LocalEmbedder = createLocalEmbedder()): LlmProvider {
  async function* stream(request: LlmRequest): AsyncGenerator<LlmPart> {
    const { signal, maxOutputTokens } = request
    signal.throwIfAborted()
    if (request.model !== CHAT_MODEL.name) throw new LlmError('rejected', NAME)
    const inputTokens = inputTokensOf(request)
    if (inputTokens > CHAT_MODEL.contextTokens) throw new LlmError('too_long', NAME)
    const reply = demoReply(request)
    const text = firstTokens(reply.text, maxOutputTokens)
    for (const piece of wordPieces(text)) {
      await turnOfTheLoop()
      signal.throwIfAborted()
      yield { type: 'text', text: piece }
    }
    for (const call of reply.calls) yield { type: 'tool-call', call }
    const calls = reply.calls.map((call) => call.name + JSON.stringify(call.input)).join(' ')
    const usage = { inputTokens, outputTokens: countDemoTokens(text) + countDemoTokens(calls) }
    const reason = text !== reply.text ? 'length' : reply.calls.length > 0 ? 'tool-calls' : 'stop'
    yield { type: 'finish', reason, usage }
  }

  return {
    name: NAME,
    stream,
    async generate(request) {
      const answer = await collectAnswer(stream(request))
      if (answer === undefined) throw new LlmError('bad_answer', NAME)
      return answer
    },
    async embed({ model, texts, as, signal }: EmbedRequest) {
      signal.throwIfAborted()
      if (model !== EMBEDDING_MODEL) throw new LlmError('rejected', NAME)
      const vectors = await embedder.embed(texts, as, signal)
      return { vectors, inputTokens: texts.reduce((sum, text) => sum + countDemoTokens(text), 0) }
    },
    countTokens: (_model, text) => countDemoTokens(text),
    isAvailable: () => Promise.resolve(true),
  }
}

function inputTokensOf({ messages, tools = [] }: LlmRequest): number {
  let count = 0
  for (const message of messages) {
    count += TOKENS_PER_MESSAGE + countDemoTokens(message.text)
    if (message.role !== 'assistant') continue
    for (const call of message.toolCalls ?? [])
      count += countDemoTokens(call.name + JSON.stringify(call.input))
  }
  for (const tool of tools) count += countDemoTokens(JSON.stringify(tool))
  return count
}
