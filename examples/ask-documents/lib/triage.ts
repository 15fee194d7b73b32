import { createInterface } from 'node:readline/promises'
import type { Client, KnowledgeBase, Project, Task } from '@plinth/client'
import { createTriageAgent } from '../triage-agent.ts'
import type { Output } from './output.ts'

/** What the agent is to look at, and whether the person at the keyboard agrees to everything beforehand. */
export interface Triage {
  readonly project: Project
  readonly base: KnowledgeBase
  readonly model: string | undefined
  readonly questions: readonly string[]
  readonly yes: boolean
}

/** Lets the agent work, asks before every task it wants to make, and gives back the tasks that came of it. */
export async function triage(
  client: Client,
  output: Output,
  { project, base, model, questions, yes }: Triage,
): Promise<readonly Task[]> {
  const agent = await createTriageAgent(client, { model })
  const input = `Project ${project.id}, knowledge base ${base.id}. Make a task of what matters most about: ${questions[0]}`
  const { runId } = await client.agents.run.mutate({ agentId: agent.id, input })
  output.line(`agent "${agent.name}" works`)
  for await (const { data } of client.agents.runs.onEvent.subscribe({ id: runId })) {
    if (data.type === 'tool_call') output.line(`  calls ${data.tool}`)
    if (data.type === 'approval_needed') {
      output.line(`  wants ${data.tool} ${JSON.stringify(data.input)}`)
      const approve = yes || (await agrees())
      await client.agents.runs.approve.mutate({ id: runId, callId: data.callId, approve })
      output.line(`  ${approve ? 'agreed' : 'refused'}`)
    }
    if (data.type === 'finished') output.line(`  ${data.result ?? data.state}`)
    if (data.type === 'error') throw new Error(`The agent: ${data.message} (${data.code})`)
    if (data.type === 'finished') break
  }
  const tasks = await client.tasks.list.query({ projectId: project.id, limit: 100 })
  for (const task of tasks.data) output.line(`  ☐ ${task.title}`)
  return tasks.data
}

async function agrees(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question('  Agree? [y/N] ')).trim())
  } finally {
    terminal.close()
  }
}
