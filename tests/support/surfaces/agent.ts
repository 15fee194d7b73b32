import type { ContractRuntime } from '../../../server/src/contract/call-context.ts'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import {
  type AgentToolOutcome,
  type AgentToolRun,
  createAgentTools,
} from '../../../server/src/surfaces/agent-tools/index.ts'
import type { TestServer } from '../server.ts'
import { refusalOf } from './outcome.ts'
import type { CallAs, Outcome, Surface } from './surface.ts'

/** The product's own agents, in the server's process, acting for whom a token belongs to. */
export function agentSurface(server: TestServer, registry: readonly RegistryEntry[]): Surface {
  const { router, runtime } = server.app
  const agent = createAgentTools({ router, registry, runtime })
  const names = new Map(agent.tools.map(({ path, name }) => [path, name]))
  return {
    name: 'agent',
    recordedAs: 'agent',
    hasOwnKeys: true,
    serves: ({ path }) => names.has(path),
    async call({ path }, input, as) {
      const name = names.get(path) ?? path
      const run = runOf(runtime, as)
      const first = await agent.run(name, input, run)
      if (first.status !== 'unconfirmed') return outcomeOf(first)
      // A person has said yes.
      const actor = await run.actor()
      const step = run.idempotencyKey
      const confirmation = agent.confirm({ userId: actor?.userId ?? '', name, input, step })
      return outcomeOf(await agent.run(name, input, { ...run, confirmation }))
    },
    async [Symbol.asyncDispose]() {},
  }
}

function runOf({ authenticator }: ContractRuntime, { token, idempotencyKey, traceId }: CallAs): AgentToolRun {
  return {
    actor: () => authenticator.authenticate({ bearer: token }),
    signal: new AbortController().signal,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(traceId === undefined ? {} : { traceId }),
  }
}

function outcomeOf(outcome: AgentToolOutcome): Outcome {
  const error = outcome.status === 'failed' ? outcome.error : undefined
  if (outcome.status === 'unconfirmed') throw new Error(`${outcome.tool.name} was not let through`)
  return {
    status: undefined,
    // As a model reads it.
    data: outcome.status === 'done' ? JSON.parse(JSON.stringify(outcome.value)) : undefined,
    error: error === undefined ? undefined : refusalOf(error, error.message),
    traceId: outcome.traceId,
    replayed: undefined,
    text: JSON.stringify(error ?? outcome),
  }
}
