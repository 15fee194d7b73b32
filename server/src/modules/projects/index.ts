import { createMembersService, type MembersServiceDeps } from './members.service.ts'
import { createProjectsRouter } from './projects.router.ts'
import { createProjectsService } from './projects.service.ts'

export { liveProjectOf, refusal, refuse, seatSql, whyRefused } from './access.ts'
export { auditBypassedRead } from './bypass-audit.ts'
export { given } from './given.ts'
export { membershipTopic } from './membership-topic.ts'
export { releaseProjectsOf } from './release-projects.ts'

/** Builds the projects module. */
export function createProjects(deps: MembersServiceDeps) {
  const projects = createProjectsService(deps)
  const members = createMembersService(deps)
  return { router: createProjectsRouter(projects, members) }
}

/** The projects module as the composition root holds it. */
export type Projects = ReturnType<typeof createProjects>
