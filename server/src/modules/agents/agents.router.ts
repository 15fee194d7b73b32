import { mutation, query, router } from '../../contract/procedure.ts'
import * as schema from './agents.schema.ts'
import type { AgentsService } from './agents.service.ts'
import { createRunsRouter, runProcedure } from './runs/runs.router.ts'
import type { RunsService } from './runs/runs.service.ts'
import type { WatchRunsService } from './runs/watch-runs.service.ts'

/** What writes agents, or lets them go on: never an agent, which could give itself what it was not given. */
const byPeople = { surfaces: { agent: false }, access: { who: 'user' }, scope: 'agents:write' } as const
const reads = { access: { who: 'user' }, scope: 'agents:read', limit: 'read' } as const

/** The services behind `agents.*`. */
export interface AgentsServices {
  readonly agents: AgentsService
  readonly runs: RunsService
  readonly watch: WatchRunsService
}

/** `agents.*`. */
export const createAgentsRouter = ({ agents, runs, watch }: AgentsServices) =>
  router({
    create: mutation({
      summary: 'Create an agent: instructions, a model and procedures as its tools.',
      description: 'An API key can give it only tools within its own scopes.',
      policy: {
        ...byPeople,
        limit: 'write',
        audit: 'agents.create',
        errors: ['TOO_MANY_AGENTS', 'MODEL_NOT_AVAILABLE'],
      },
      input: schema.AgentsCreateInput,
      output: schema.AgentsCreateOutput,
      run: (call) => agents.create(call),
    }),
    get: query({
      summary: 'Get an agent of yours.',
      policy: reads,
      input: schema.AgentsGetInput,
      output: schema.AgentsGetOutput,
      run: (call) => agents.get(call),
    }),
    list: query({
      summary: 'List your agents, newest first.',
      policy: reads,
      input: schema.AgentsListInput,
      output: schema.AgentsListOutput,
      run: (call) => agents.list(call),
    }),
    update: mutation({
      summary: 'Change an agent.',
      description:
        'Runs under way go on as they began. An API key can change only agents within its own scopes.',
      policy: {
        ...byPeople,
        limit: 'write',
        audit: 'agents.update',
        errors: ['VERSION_CONFLICT', 'MODEL_NOT_AVAILABLE'],
      },
      input: schema.AgentsUpdateInput,
      output: schema.AgentsUpdateOutput,
      run: (call) => agents.update(call),
    }),
    delete: mutation({
      summary: 'Delete an agent with its runs; those under way stop.',
      policy: { ...byPeople, limit: 'write', audit: 'agents.delete', destructive: true },
      input: schema.AgentsDeleteInput,
      output: schema.AgentsDeleteOutput,
      run: (call) => agents.delete(call),
    }),
    tools: query({
      summary: 'List the procedures that your agents can have as tools.',
      policy: reads,
      input: schema.AgentsToolsInput,
      output: schema.AgentsToolsOutput,
      run: (call) => agents.tools(call),
    }),
    run: runProcedure(runs),
    runs: createRunsRouter(runs, watch),
  })
