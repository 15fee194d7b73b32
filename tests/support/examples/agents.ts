import { runEvent } from '../../../server/src/modules/agents/runs/run-topics.ts'
import { transaction } from '../../../server/src/platform/database/index.ts'
import { appendEvents } from '../../../server/src/platform/events/event-log.ts'
import { newId } from '../../../server/src/platform/ids.ts'
import type { PrincipalName } from '../principals.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `agents.*`. */
export const agentExamples: Record<string, ExampleFactory> = {
  'agents.create': async () => ({
    input: {
      name: 'Triage',
      instructions: 'Sort the tasks.',
      tools: ['tasks.list', 'tasks.create'],
      approve: 'writes',
      limits: { maxSteps: 3, maxSeconds: 60, maxCost: '0.5' },
    },
  }),
  'agents.get': async (world, caller) => ({ input: { id: await addAgent(world, caller) } }),
  'agents.list': async () => ({ input: { limit: 5 } }),
  'agents.update': async (world, caller) => ({
    input: {
      id: await addAgent(world, caller),
      data: { name: 'Other', limits: { maxSteps: 5 } },
      version: 1,
    },
  }),
  'agents.delete': async (world, caller) => ({ input: { id: await addAgent(world, caller) } }),
  'agents.tools': async () => ({ input: {} }),
  'agents.run': async (world, caller) => ({
    input: { agentId: await addAgent(world, caller), input: 'Go.' },
  }),
  'agents.runs.get': async (world, caller) => ({ input: { id: (await addRun(world, caller)).runId } }),
  'agents.runs.list': async () => ({ input: { limit: 5, state: 'waiting' } }),
  'agents.runs.cancel': async (world, caller) => ({ input: { id: (await addRun(world, caller)).runId } }),
  'agents.runs.approve': async (world, caller) => {
    const { runId, callId } = await addRun(world, caller)
    return { input: { id: runId, callId, approve: false } }
  },
  'agents.runs.onEvent': async (world, caller) => {
    const { runId } = await addRun(world, caller)
    const { database } = world.server
    await transaction(database, (tx) =>
      appendEvents(
        tx,
        // As many as whoever compares streams wants to see.
        [1, 2, 3].map((step) => runEvent(runId, { type: 'step', step })),
      ),
    )
    return { input: { id: runId } }
  },
}

/** Nobody's, for callers that are nobody. */
async function addAgent(world: World, caller: PrincipalName): Promise<string> {
  const { id } = await world.server.database.prisma.agent.create({
    data: {
      id: newId(),
      ownerId: ownerOf(world, caller),
      name: 'Triage',
      instructions: 'Sort the tasks.',
      tools: ['tasks.list'],
      maxSteps: 3,
      maxSeconds: 60,
    },
    select: { id: true },
  })
  return id
}

/** A run of the caller's that waits for them, so that nothing works on it while the test runs. */
async function addRun(world: World, caller: PrincipalName): Promise<{ runId: string; callId: string }> {
  const [runId, callId, jobId] = [newId(), newId(), newId()]
  const userId = ownerOf(world, caller)
  const at = new Date()
  await world.server.database.prisma.agentRun.create({
    data: {
      id: runId,
      agentId: await addAgent(world, caller),
      userId,
      jobId,
      input: 'Go.',
      state: 'waiting',
      waitingSince: at,
      startedAt: at,
      settings: {
        name: 'Triage',
        instructions: 'Sort the tasks.',
        model: null,
        tools: ['tasks.delete'],
        approve: 'destructive',
        maxSteps: 3,
        maxSeconds: 60,
        maxCost: null,
      },
      delegation: {
        userId,
        via: { kind: 'session', id: jobId },
        scopes: 'all',
        passwordChangedAt: at.toISOString(),
      },
      steps: 1,
      traceId: 'test',
      turns: { create: { position: 1, text: 'I delete it.', finishedAt: at } },
      calls: {
        create: {
          id: callId,
          step: 1,
          position: 0,
          tool: 'tasks.delete',
          input: { id: world.alpha.taskId },
          state: 'waiting',
        },
      },
    },
    select: { id: true },
  })
  return { runId, callId }
}

function ownerOf(world: World, caller: PrincipalName): string {
  const { id } = world.principals[caller]
  return id === '' ? world.principals.otherOwner.id : id
}
