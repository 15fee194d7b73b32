import { handleJob, type JobCall, type JobHandler } from '../../../contract/job.ts'
import { Delegation } from '../../accounts/index.ts'
import { runAgent } from '../runs/run-agent.ts'
import { RunSettings } from '../runs/run-settings.ts'
import { dropOpenStep, openStepOf } from './ask-model.ts'
import { doCalls } from './do-calls.ts'
import { type HeldRun, holdRun, RunLost, stateOf } from './held-run.ts'
import { runOverOf } from './run-over.ts'
import type { RunWork, WorkParts } from './run-work.ts'
import { takeStep } from './take-step.ts'
import { findTurns } from './turns.repository.ts'
import { watchRun } from './watch-run.ts'

type RunState = 'waiting' | 'succeeded' | 'failed' | 'cancelled'

/**
 * Works on runs. Everything is read from the rows and written to them step by step, each fenced by the attempt: whoever
 * comes after a process that died goes on where the rows end. What was called has its effect once; an answer of the
 * model that was not written whole is asked for again, and paid.
 */
export function createRunAgent(parts: WorkParts): JobHandler {
  return handleJob(runAgent, async ({ id: jobId, payload: { runId }, attempt, signal }) => {
    const held = await holdRun(parts, { runId, jobId, attempt })
    const state =
      held === null ? await stateOf(parts, runId) : await workOn(parts, held, { id: jobId, signal })
    if (state === undefined) throw new RunLost()
    return { runId, state }
  })
}

async function workOn(
  parts: WorkParts,
  held: HeldRun,
  job: Pick<JobCall<unknown, unknown>, 'id' | 'signal'>,
): Promise<RunState | undefined> {
  const { run } = held
  const settings = RunSettings.parse(run.settings)
  const delegation = Delegation.parse(run.delegation)
  const actorOf = () => parts.delegations.actorOf(delegation, job.id)
  const watch = watchRun({ ...parts, actorOf }, held, { maxSeconds: settings.maxSeconds, signal: job.signal })
  const chosen = new Set(settings.tools)
  const tools = new Map(
    parts
      .toolbox()
      .tools.filter(({ path }) => chosen.has(path))
      .map((tool) => [tool.name, tool]),
  )
  const work: RunWork = { parts, held, settings, tools, actorOf, signal: watch.signal }
  try {
    return await goOn(work)
  } catch (thrown) {
    return await endedBy(parts, held, job, watch.signal.aborted ? watch.signal.reason : thrown)
  } finally {
    watch.stop()
  }
}

async function goOn(work: RunWork): Promise<RunState> {
  const { parts, held, signal } = work
  const runId = held.run.id
  for (;;) {
    signal.throwIfAborted()
    const turns = await findTurns(parts.database.prisma, runId)
    const open = openStepOf(turns)
    const last = turns.at(-1)?.calls ?? []
    if (open !== undefined) await dropOpenStep(work, open)
    else if (last.some(({ state }) => state === 'proposed' || state === 'approved'))
      await doCalls(work, turns)
    else if (last.some(({ state }) => state === 'waiting')) {
      if (await waitForPerson(held, parts)) return 'waiting'
    } else if (await takeStep(work, turns)) {
      return (await stateOf(parts, runId)) ?? 'failed'
    }
  }
}

/** Lets go of the run until somebody decides; false when they just did. */
async function waitForPerson(held: HeldRun, { clock }: WorkParts): Promise<boolean> {
  const { id } = held.run
  return await held.commit(async ({ db }) => {
    // Deciding holds the run's row too, so that one of the two sees what the other did.
    if ((await db.agentCall.count({ where: { runId: id, state: 'waiting' } })) === 0) return false
    await db.agentRun.update({
      where: { id },
      data: { state: 'waiting', waitingSince: clock.now() },
      select: { id: true },
    })
    return true
  })
}

/** Ends the run where it cannot go on; throws what another attempt may fare better with. */
async function endedBy(
  parts: WorkParts,
  held: HeldRun,
  job: Pick<JobCall<unknown, unknown>, 'id' | 'signal'>,
  reason: unknown,
): Promise<RunState | undefined> {
  const { id } = held.run
  try {
    if (reason instanceof RunLost) return await stateOf(parts, id)
    if (job.signal.aborted) {
      if (await isCancelled(parts, job.id))
        await held.end({ state: 'cancelled', code: 'JOB_CANCELLED', message: 'Its job was cancelled.' })
      throw reason
    }
    const over = runOverOf(reason)
    if (over === undefined) throw reason
    await held.end({ state: 'failed', code: over.code, message: over.message })
    return 'failed'
  } catch (error) {
    if (error instanceof RunLost) return await stateOf(parts, id)
    throw error
  }
}

async function isCancelled({ database }: WorkParts, jobId: string): Promise<boolean> {
  const job = await database.prisma.job.findUnique({ where: { id: jobId }, select: { state: true } })
  return job?.state === 'cancelled'
}
