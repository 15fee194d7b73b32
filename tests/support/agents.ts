import type { Overrides } from '../../server/src/app.ts'
import { expectOk } from './expect-clean.ts'
import { type Answer, field, mutate, query } from './http.ts'
import { type ScriptedProvider, type ScriptedStep, scriptedProvider } from './llm/scripted-provider.ts'
import { textOf } from './people.ts'
import type { PrincipalName } from './principals.ts'
import { openStream, type SseStream } from './sse.ts'
import { until } from './until.ts'
import { createWorld, type World } from './world.ts'

/** A world whose models do what a test says. */
export interface AgentWorld extends World {
  readonly model: ScriptedProvider
  /** Calls as somebody, or with a token. */
  call(who: PrincipalName | { readonly token: string }, path: string, input: unknown): Promise<Answer>
  /** Makes an agent with these tools; its id. */
  agent(who: PrincipalName, tools: readonly string[], more?: object): Promise<string>
  /** Has a new agent with these tools work on something; the run's id. */
  begin(who: PrincipalName, tools: readonly string[], more?: object): Promise<string>
  /** Waits until the run stands so; what `agents.runs.get` says of it then. */
  reached(runId: string, state: string, withinMs?: number): Promise<RunView>
  /** Follows a run as somebody. */
  follow(who: PrincipalName, runId: string, lastEventId?: string): Promise<SseStream>
}

/** A run, as far as tests look at it. */
export interface RunView {
  readonly state: string
  readonly result: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly steps: number
  readonly jobId: string
  readonly turns: readonly {
    readonly text: string
    readonly calls: readonly {
      readonly id: string
      readonly tool: string
      readonly state: string
      readonly result: string | null
    }[]
  }[]
}

/** Starts an {@link AgentWorld}: the demo provider does as it is told. */
export async function createAgentWorld(overrides: Overrides = {}): Promise<AgentWorld> {
  const model = scriptedProvider('demo')
  const world = await createWorld({}, { ...overrides, llmProviders: [model] })
  const { baseUrl } = world.server
  const call: AgentWorld['call'] = (who, path, input) => {
    const { token } = typeof who === 'string' ? world.principals[who] : who
    const isQuery = /\.(?:get|list|tools|me)$/.test(path)
    return (isQuery ? query : mutate)(baseUrl, path, input, { token })
  }
  const owners = new Map<string, PrincipalName>()
  const agent: AgentWorld['agent'] = async (who, tools, more = {}) => {
    const input = { name: 'Helper', instructions: 'Help.', tools, ...more }
    return textOf(expectOk(await call(who, 'agents.create', input)), 'id')
  }
  return {
    ...world,
    model,
    call,
    agent,
    async begin(who, tools, more = {}) {
      const { threadId, input = 'Go.', ...rest } = { threadId: undefined, ...more } as Record<string, unknown>
      const agentId = await agent(who, tools, rest)
      const answer = expectOk(await call(who, 'agents.run', { agentId, threadId, input }))
      const runId = textOf(answer, 'runId')
      owners.set(runId, who)
      return runId
    },
    reached: (runId, state, withinMs = 10_000) =>
      until(
        `run ${runId} is ${state}`,
        async () => {
          const answer = await call(owners.get(runId) ?? 'owner', 'agents.runs.get', { id: runId })
          const run = expectOk(answer, { large: true }).data as RunView
          if (run.state !== state && ['succeeded', 'failed', 'cancelled'].includes(run.state))
            throw new Error(`The run ended as ${run.state}: ${JSON.stringify(run.error)}`)
          return run.state === state ? run : undefined
        },
        withinMs,
      ),
    follow: (who, runId, lastEventId) =>
      openStream(
        baseUrl,
        'agents.runs.onEvent',
        { id: runId },
        { token: world.principals[who].token, ...(lastEventId === undefined ? {} : { lastEventId }) },
      ),
  }
}

/** A script with one list of steps for each time a run's model is asked; after the last one it says "Done." */
export function turns(...steps: readonly (readonly ScriptedStep[])[]) {
  return ({ messages }: { readonly messages: readonly { readonly role: string }[] }) =>
    steps[messages.filter(({ role }) => role === 'assistant').length] ?? [{ text: 'Done.' }]
}

/** The types of a stream's events, in order. */
export function typesOf(stream: SseStream): string[] {
  return stream.events().map(({ data }) => String(field(data, 'type')))
}
