import { mutation, query, router, subscription } from '../../../contract/procedure.ts'
import { runAgent } from './run-agent.ts'
import { AgentsRunsOnEventOutput } from './run-event.schema.ts'
import * as schema from './runs.schema.ts'
import type { RunsService } from './runs.service.ts'
import type { WatchRunsService } from './watch-runs.service.ts'

/** `agents.run`. */
export const runProcedure = (runs: RunsService) =>
  mutation({
    summary: 'Have an agent work on something in the background.',
    description:
      'Answers at once; `agents.runs.onEvent` tells what happens. The run has your rights of the moment, and never more than the API key that began it; it ends when the key is revoked, the password changed or you are suspended.',
    policy: {
      // An agent that starts agents could do so without end.
      surfaces: { rest: 'POST /agents/{agentId}/runs', agent: false },
      access: { who: 'user' },
      scope: 'agents:write',
      limit: 'model',
      audit: 'agents.run',
      errors: ['TOO_MANY_RUNS', 'MODEL_NOT_AVAILABLE', 'SCOPE_MISSING'],
    },
    input: schema.AgentsRunInput,
    output: schema.AgentsRunOutput,
    job: runAgent,
    run: (call) => runs.run(call),
  })

/** `agents.runs.*`. */
export const createRunsRouter = (runs: RunsService, watch: WatchRunsService) =>
  router({
    get: query({
      summary: 'Get a run of yours with its steps and calls.',
      policy: { access: { who: 'user' }, scope: 'agents:read', limit: 'read' },
      input: schema.AgentsRunsGetInput,
      output: schema.AgentsRunsGetOutput,
      run: (call) => runs.get(call),
    }),
    list: query({
      summary: 'List your runs, newest first.',
      description: 'Kept for 90 days after their end.',
      policy: { access: { who: 'user' }, scope: 'agents:read', limit: 'read' },
      input: schema.AgentsRunsListInput,
      output: schema.AgentsRunsListOutput,
      run: (call) => runs.list(call),
    }),
    cancel: mutation({
      summary: 'Stop a run.',
      description: 'What its calls did stays done. One that was cancelled before stays so.',
      policy: {
        surfaces: { rest: 'POST /agents/runs/{id}/cancel', agent: false },
        access: { who: 'user' },
        scope: 'agents:write',
        limit: 'write',
        audit: 'agents.runs.cancel',
        idempotent: true,
        destructive: true,
        errors: ['RUN_ENDED'],
      },
      input: schema.AgentsRunsCancelInput,
      output: schema.AgentsRunsCancelOutput,
      run: (call) => runs.cancel(call),
    }),
    approve: mutation({
      summary: 'Agree to a call that a run waits for, or refuse it.',
      description:
        'Exactly this call with this input is made, once. For logged-in people: a program or a model with an API key cannot agree for them. Calls not decided within 7 days end the run.',
      policy: {
        surfaces: { rest: 'POST /agents/runs/{id}/calls/{callId}/approval', agent: false },
        access: { who: 'user' },
        scope: 'session',
        limit: 'write',
        audit: 'agents.runs.approve',
        errors: ['CALL_NOT_WAITING'],
      },
      input: schema.AgentsRunsApproveInput,
      output: schema.AgentsRunsApproveOutput,
      run: (call) => runs.approve(call),
    }),
    onEvent: subscription({
      summary: 'Follow a run of yours from its first event to its end.',
      description:
        'In order, each event once; with `lastEventId` after that one. Events are kept for 7 days.',
      policy: {
        surfaces: { rest: 'GET /agents/runs/{id}/events' },
        access: { who: 'user' },
        scope: 'agents:read',
        limit: 'stream',
        errors: ['RESUME_TOO_OLD'],
      },
      input: schema.AgentsRunsOnEventInput,
      output: AgentsRunsOnEventOutput,
      run: (call) => watch.onEvent(call),
    }),
  })
