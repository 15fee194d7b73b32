import { z } from 'zod'
import type { ProviderScript } from '../../support/llm/scripted-provider.ts'

/** What a run of these tests is told, as JSON in its input. */
export const RunOrder = z.object({
  /** Where the doomed model stands still: while it speaks first, or after the call. */
  parks: z.enum(['first', 'second', 'never']),
  projectId: z.string(),
  title: z.string(),
})
export type RunOrder = z.infer<typeof RunOrder>

/** Says something, creates a task, says something more. */
export function scriptOf(doomed: boolean): ProviderScript {
  return ({ messages }) => {
    const order = RunOrder.parse(JSON.parse(messages.find(({ role }) => role === 'user')?.text ?? ''))
    const { parks, projectId, title } = order
    const park = (here: RunOrder['parks']) =>
      doomed && parks === here ? [{ wait: new Promise(() => undefined) }] : []
    return messages.some(({ role }) => role === 'assistant')
      ? [{ text: 'All is ' }, ...park('second'), { text: 'done.' }]
      : [{ text: 'I create it.' }, ...park('first'), { call: 'tasks_create', input: { projectId, title } }]
  }
}
