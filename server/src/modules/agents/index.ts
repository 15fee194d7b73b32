import type { TailWakers } from '../../platform/events/tail.ts'
import { createAgentsRouter } from './agents.router.ts'
import { createAgentsService } from './agents.service.ts'
import { createRunsService } from './runs/runs.service.ts'
import { createWatchRunsService } from './runs/watch-runs.service.ts'
import type { WorkParts } from './work/run-work.ts'
import { createSweepRuns } from './work/sweep-runs.ts'
import { createRunAgent } from './work/work-on-run.ts'

export type { FindToolbox } from './toolbox.ts'

/** Builds the agents module. */
export function createAgents(deps: WorkParts & TailWakers) {
  return {
    router: createAgentsRouter({
      agents: createAgentsService(deps),
      runs: createRunsService(deps),
      watch: createWatchRunsService(deps),
    }),
    jobs: [createRunAgent(deps), createSweepRuns(deps)],
  }
}

/** The agents module as the composition root holds it. */
export type Agents = ReturnType<typeof createAgents>
