import type { Change } from '../../../contract/unit-of-work.ts'
import type { Prisma } from '../../../platform/database/index.ts'
import type { NewEvent } from '../../../platform/events/event-log.ts'
import type { AgentRunEvent } from './run-event.schema.ts'

/** Announced with the id of a user whose runs changed from outside: whoever works on one looks whether it goes on. */
export const RUNS_TOPIC = 'agent-runs'

/** Makes workers of this user's runs look soon after the commit; they do so each second anyway. */
export function wakeRunsOf(change: Pick<Change, 'wake'>, userId: string): void {
  change.wake(RUNS_TOPIC, userId)
}

/** The stream of what happens in a run. */
export function runStream(runId: string): string {
  return `agent-run:${runId}`
}

/** An event as it is kept. */
export function runEvent(runId: string, { type, ...data }: AgentRunEvent): NewEvent {
  // Everything in an event came as JSON or is text of ours.
  return { stream: runStream(runId), type, data: data satisfies object as Prisma.InputJsonObject }
}
