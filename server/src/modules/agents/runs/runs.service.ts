import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause } from '../../../contract/errors.ts'
import { sliceOf } from '../../../contract/page-request.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database, Tx } from '../../../platform/database/index.ts'
import { newId } from '../../../platform/ids.ts'
import { type CursorScope, encodeCursor } from '../../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../../platform/pagination/page.ts'
import { currentContext, newTraceId } from '../../../platform/request-context.ts'
import type { Delegations } from '../../accounts/index.ts'
import type { ModelCalls } from '../../models/index.ts'
import { findAgent, lockOwner } from '../agents.repository.ts'
import type { ThreadNotes } from '../thread-notes.ts'
import { endRun } from './end-run.ts'
import { runAgent } from './run-agent.ts'
import { settingsOf } from './run-settings.ts'
import { runEvent, wakeRunsOf } from './run-topics.ts'
import { presentRun, presentWholeRun } from './runs.presenter.ts'
import * as repository from './runs.repository.ts'
import type {
  AgentRun,
  AgentRunSummary,
  AgentsRunInput,
  AgentsRunOutput,
  AgentsRunsApproveInput,
  AgentsRunsListInput,
} from './runs.schema.ts'

/** Queued and running ones of one user; those that wait for a person take nothing. */
const MOST_UNDER_WAY = 10
/** What the model is told of a call that a person refused. */
const REFUSED = JSON.stringify({
  error: {
    code: 'FORBIDDEN',
    message: 'The user refused this call.',
    nextStep: 'Do not ask for it again; go on without it, or say what you would need.',
  },
})

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = { readonly id: string }
type Begun = z.infer<typeof AgentsRunOutput>

/** Runs of agents. Everybody has their own; those of others do not exist: NOT_FOUND. */
export interface RunsService {
  /** @throws NOT_FOUND (agent or thread), SCOPE_MISSING, MODEL_NOT_AVAILABLE, TOO_MANY_RUNS */
  run(call: Write<z.output<typeof AgentsRunInput>, Begun>): Promise<Begun>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<AgentRun>
  /** Newest first. @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof AgentsRunsListInput>>): Promise<Page<AgentRunSummary>>
  /** @throws NOT_FOUND; RUN_ENDED when it came to another end already */
  cancel(call: Write<ById, AgentRunSummary>): Promise<AgentRunSummary>
  /** @throws NOT_FOUND; CALL_NOT_WAITING */
  approve(call: Write<z.output<typeof AgentsRunsApproveInput>, AgentRunSummary>): Promise<AgentRunSummary>
}

/** What the service is made of. */
export interface RunsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly calls: ModelCalls
  readonly delegations: Delegations
  readonly threads: ThreadNotes
}

/** Builds the {@link RunsService}. */
export function createRunsService(deps: RunsServiceDeps): RunsService {
  const { database, clock, calls, delegations, threads } = deps
  return {
    async run({ actor, input, unit }) {
      const { agentId, threadId = null } = input
      const { userId } = actor
      const known = await findAgent(database.prisma, userId, agentId)
      if (known === null) throw fail('NOT_FOUND')
      await calls.chatModel(actor, known.modelId)
      return await unit.commit(async (change) => {
        const { db } = change
        await lockOwner(db, userId)
        const agent = await findAgent(db, userId, agentId)
        if (agent === null) throw fail('NOT_FOUND')
        if (threadId !== null) await requireThread(db, actor, threadId)
        if ((await repository.countUnderWay(db, userId)) >= MOST_UNDER_WAY) throw failBecause('TOO_MANY_RUNS')
        const runId = newId()
        const jobId = change.enqueue(runAgent, { runId })
        await repository.insertRun(db, {
          id: runId,
          agentId,
          userId,
          threadId,
          input: input.input,
          settings: settingsOf(agent),
          delegation: await delegations.begin(db, actor),
          jobId,
          traceId: currentContext()?.traceId ?? newTraceId(),
          createdAt: clock.now(),
        })
        change.audit({ targetType: 'agentRun', targetId: runId, changes: { agentId, threadId, jobId } })
        return { runId, jobId }
      })
    },

    async get({ actor, input: { id } }) {
      const row = await repository.findRun(database, actor.userId, id)
      if (row === null) throw fail('NOT_FOUND')
      return presentWholeRun(row)
    },

    async list({ actor: { userId }, input }) {
      const { agentId, state } = input
      const filter = { userId, agentId, state }
      const scope: CursorScope = { list: 'agents.runs', keyType: 'text', filters: filter }
      const slice = sliceOf(input, scope)
      const [rows, total] = await Promise.all([
        repository.listRuns(database.prisma, filter, {
          take: slice.limit + 1,
          skip: slice.by === 'page' ? slice.offset : 0,
          after: slice.by === 'cursor' ? slice.after?.id : undefined,
        }),
        slice.by === 'page' ? repository.countRuns(database.prisma, filter) : undefined,
      ])
      const cursorOf = ({ id }: ById) => encodeCursor(scope, { id, key: null })
      return pageOf(rows, { limit: slice.limit, total, present: presentRun, cursorOf })
    },

    cancel: ({ actor: { userId }, input: { id }, unit }) =>
      unit.commit(async (change) => {
        const run = await repository.lockRun(change.db, userId, id)
        if (run === null) throw fail('NOT_FOUND')
        if (run.state === 'cancelled') return presentRun(run)
        if (run.finishedAt !== null) throw failBecause('RUN_ENDED')
        const row = await endRun(change, id, { state: 'cancelled' }, clock.now())
        change.audit({ targetType: 'agentRun', targetId: id })
        wakeRunsOf(change, userId)
        return presentRun(row)
      }),

    approve: ({ actor: { userId }, input: { id, callId, approve }, unit }) =>
      unit.commit(async (change) => {
        const { db, emit } = change
        const run = await repository.lockRun(db, userId, id)
        if (run === null || !(await repository.hasCall(db, id, callId))) throw fail('NOT_FOUND')
        const call = await repository.findWaitingCall(db, id, callId)
        if (call === null) throw failBecause('CALL_NOT_WAITING')
        const { step, tool } = call
        const now = clock.now()
        const decided = { decidedById: userId, decidedAt: now }
        emit(runEvent(id, { type: 'approval_decided', callId, approved: approve }))
        if (approve)
          await repository.decideCalls(db, { runId: id, callId }, { ...decided, state: 'approved' })
        else {
          const refusal = { ...decided, state: 'refused', result: REFUSED } as const
          await repository.decideCalls(db, { runId: id, callId }, refusal)
          emit(runEvent(id, { type: 'tool_result', step, callId, tool, state: 'refused', result: REFUSED }))
        }
        change.audit({ targetType: 'agentRun', targetId: id, changes: { callId, tool, approve } })
        // One that still does other calls of the step looks for itself when it has done them.
        if (run.state !== 'waiting' || (await repository.countWaiting(db, id)) > 0) return presentRun(run)
        const jobId = change.enqueue(runAgent, { runId: id })
        const row = await repository.updateRun(db, id, {
          state: 'queued',
          waitingSince: null,
          jobId,
          attempt: 0,
        })
        return presentRun(row)
      }),
  }

  /** Its messages go to the model and the answer into it. @throws SCOPE_MISSING, NOT_FOUND */
  async function requireThread(db: Tx, { userId, scopes }: Actor, threadId: string): Promise<void> {
    for (const scope of ['chat:read', 'chat:write'] as const) {
      if (scopes !== 'all' && !scopes.has(scope))
        throw failBecause('SCOPE_MISSING', { message: `The API key needs the scope ${scope} for a thread.` })
    }
    if ((await threads.recent(db, userId, threadId, 1)) === null) throw fail('NOT_FOUND')
  }
}
