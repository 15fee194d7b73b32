import type { Actor } from '../../../contract/actor.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import type { JobQueue } from '../../../platform/jobs/job-queue.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { Delegations } from '../../accounts/index.ts'
import type { ModelCalls } from '../../models/index.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { ThreadNotes } from '../thread-notes.ts'
import type { FindToolbox, Tool } from '../toolbox.ts'
import type { HeldRun } from './held-run.ts'

/** What working on runs takes. */
export interface WorkParts {
  readonly database: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  readonly jobs: () => JobQueue
  readonly calls: ModelCalls
  readonly delegations: Delegations
  readonly threads: ThreadNotes
  readonly toolbox: FindToolbox
}

/** One attempt's work on a run. */
export interface RunWork {
  readonly parts: WorkParts
  readonly held: HeldRun
  readonly settings: RunSettings
  /** The agent's tools, by what the model calls them. */
  readonly tools: ReadonlyMap<string, Tool>
  /** The user with the rights they have now; null when they have none any more. */
  readonly actorOf: () => Promise<Actor | null>
  /** Aborts when the work is over, for whatever reason. */
  readonly signal: AbortSignal
}

/** Whether a call of `tool` waits for a person. */
export function asksFirst({ settings }: Pick<RunWork, 'settings'>, tool: Tool): boolean {
  return tool.needsConfirmation || (settings.approve === 'writes' && !tool.readOnly)
}
