import type { JsonObject } from './json.ts'

/** A call of a tool, as a model asks for it. `input` is what the model wrote; nobody has checked it. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

/** One turn of a conversation, as every provider understands it. */
export type LlmMessage =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  /** What came of a tool call: text, usually JSON. */
  | { readonly role: 'tool'; readonly callId: string; readonly name: string; readonly text: string }

/** A tool that a model may call. */
export interface LlmTool {
  readonly name: string
  readonly description: string
  /** JSON Schema 2020-12 of its input. */
  readonly inputSchema: JsonObject
}

/** What a model is asked. */
export interface LlmRequest {
  /** What the provider calls the model. */
  readonly model: string
  readonly messages: readonly LlmMessage[]
  readonly tools?: readonly LlmTool[]
  /** The provider is told, and what it sends beyond is cut off. */
  readonly maxOutputTokens: number
  /** 0–2; the provider's own default unless given. */
  readonly temperature?: number
  readonly signal: AbortSignal
}

/** Tokens as the provider counted them, or as we did where it says nothing. */
export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Why an answer ended. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other'

/** A piece of an answer. `finish` comes last and exactly once. */
export type LlmPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: TokenUsage }

/** A whole answer. */
export interface LlmAnswer {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly reason: FinishReason
  readonly usage: TokenUsage
}

/** What is to become vectors. */
export interface EmbedRequest {
  readonly model: string
  readonly texts: readonly string[]
  /** Some models tell a question from a passage. */
  readonly as: 'document' | 'query'
  readonly signal: AbortSignal
}

/** One vector per text, in order, all of the same length, every number finite. */
export interface Embeddings {
  readonly vectors: readonly Float32Array[]
  readonly inputTokens: number
}

/**
 * One way of reaching language models, with one key. Every method keeps the configured limits of time and size, and
 * fails with an `LlmError` and nothing else, but for the signal's own reason.
 */
export interface LlmProvider {
  /** As it was registered: `openai`. */
  readonly name: string
  generate(request: LlmRequest): Promise<LlmAnswer>
  /** Ends the call when the reader stops reading or the signal aborts. */
  stream(request: LlmRequest): AsyncIterable<LlmPart>
  embed(request: EmbedRequest): Promise<Embeddings>
  /** Exact where the model's tokenizer is known, else never less than the truth by more than a tenth. */
  countTokens(model: string, text: string): number
  /** Whether it would take a call now: configured, breaker closed, and its address answers. Does not reject. */
  isAvailable(signal: AbortSignal): Promise<boolean>
}
