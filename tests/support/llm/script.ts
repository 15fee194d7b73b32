import type {
  FinishReason,
  LlmMessage,
  LlmTool,
  TokenUsage,
} from '../../../server/src/platform/llm/llm-provider.ts'

/** What a model was asked, read out of whatever the vendor calls these things. */
export interface Question {
  readonly model: string
  readonly messages: readonly LlmMessage[]
  readonly tools: readonly LlmTool[]
  readonly maxOutputTokens: number | undefined
  readonly streamed: boolean
}

/** What an answer is made of, in the order in which it is sent. */
export type Step =
  | { readonly text: string }
  /** A tool call; an `input` that is a string is sent as it is, JSON or not. */
  | { readonly call: string; readonly input: unknown; readonly id?: string }
  /** Sends what there is so far, headers at least, and goes on when the promise resolves. */
  | { readonly wait: Promise<unknown> }
  /** What the vendor says it counted; `none` for one that says nothing. An estimate unless given. */
  | { readonly usage: TokenUsage | 'none' }
  | { readonly reason: FinishReason }
  /** Written as it is, in place of what the vendor would write. */
  | { readonly raw: string | Buffer }
  /** Added to every event from here on. */
  | { readonly extra: Readonly<Record<string, unknown>> }
  /** Only as the first: an answer of its own, without what the vendor usually wraps it in. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: Body }
  /** Says nothing more until the client is gone. */
  | { readonly end: 'hang' }
  /** Ends the answer in good order without the events that end it. */
  | { readonly end: 'stop' }
  /** Resets the connection. */
  | { readonly end: 'reset' }

/** Bytes, or where they come from. */
type Body = string | Buffer | AsyncIterable<string | Buffer>

/** Steps, at once or one after the other. */
export type Answer = Iterable<Step> | AsyncIterable<Step>

/** What a model answers. */
export type Script = (question: Question, nth: number) => Answer

/** Texts that are to become vectors. */
export interface EmbedQuestion {
  readonly model: string
  readonly texts: readonly string[]
  readonly dimensions: number | undefined
}

/** Vectors, which may hold what is no number and need not be as many as there were texts. */
export interface Vectors {
  readonly vectors: readonly (readonly number[])[]
}

/** What an embedding model answers: vectors, or one of the faults. */
export type EmbedScript = (question: EmbedQuestion, nth: number) => Vectors | Answer

/** A model that says this, word by word. */
export function saying(text: string): Script {
  return () => [...(text.match(/\S+\s*|\s+/gu) ?? [])].map((word) => ({ text: word }))
}

/** Four characters to a token, as vendors say of English. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Everything in a prompt, as one text to look for things in. */
export function promptOf(question: Pick<Question, 'messages' | 'tools'>): string {
  return JSON.stringify([question.messages, question.tools])
}
