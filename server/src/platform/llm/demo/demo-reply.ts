import type { LlmRequest, ToolCall } from '../llm-provider.ts'
import { answerAlone } from './answer-alone.ts'
import { answerQuestion } from './answer-question.ts'
import { readConversation } from './conversation.ts'
import { planCalls } from './plan-calls.ts'
import { summariseCalls } from './summarise-calls.ts'

/** What the demo model says: a text, or calls. */
export interface DemoReply {
  readonly text: string
  readonly calls: readonly ToolCall[]
}

/** The reply to a conversation. The same conversation always gets the same one. */
export function demoReply({ messages, tools = [] }: Pick<LlmRequest, 'messages' | 'tools'>): DemoReply {
  const conversation = readConversation(messages)
  const question = { text: conversation.request, earlier: conversation.said.at(-1) }
  const plan = planCalls(conversation, tools)
  if (plan.calls.length > 0) return { text: '', calls: plan.calls }
  if (conversation.calls.length > 0 || plan.lacking.length > 0) {
    return { text: summariseCalls(conversation, question, plan.lacking), calls: [] }
  }
  const { sources, said } = conversation
  const text = sources.length > 0 ? answerQuestion(question, sources) : answerAlone(question, said)
  return { text, calls: [] }
}
