import { isoOf } from '../../../platform/pagination/moments.ts'
import type { RunRow, WholeRunRow } from './runs.repository.ts'
import type { AgentRun, AgentRunSummary } from './runs.schema.ts'

/** More of a result is among the run's events. */
const RESULT_SHOWN = 2_000

/** A run as lists show it. */
export function presentRun(row: RunRow): AgentRunSummary {
  const { id, agentId, threadId, jobId, state, input, result, steps, inputTokens, outputTokens } = row
  return {
    id,
    agentId,
    threadId,
    jobId,
    state,
    input,
    result,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.error ?? '' },
    steps,
    usage: { inputTokens, outputTokens, cost: row.cost.toFixed() },
    workedSeconds: row.workedMs / 1_000,
    createdAt: isoOf(row.createdAt),
    startedAt: row.startedAt === null ? null : isoOf(row.startedAt),
    finishedAt: row.finishedAt === null ? null : isoOf(row.finishedAt),
  }
}

/** A run with its steps. */
export function presentWholeRun(row: WholeRunRow): AgentRun {
  const calls = Map.groupBy(row.calls, ({ step }) => step)
  return {
    ...presentRun(row),
    turns: row.turns.map(({ position, text }) => ({
      step: position,
      text,
      calls: (calls.get(position) ?? []).map(({ id, tool, input, state, result }) => ({
        id,
        tool,
        input,
        state,
        result: result === null ? null : result.slice(0, RESULT_SHOWN).toWellFormed(),
      })),
    })),
  }
}
