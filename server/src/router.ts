import type { AnyTRPCRouter } from '@trpc/server'
import { router } from './contract/procedure.ts'
import type { Accounts } from './modules/accounts/index.ts'
import type { Agents } from './modules/agents/index.ts'
import type { Audit } from './modules/audit/index.ts'
import type { Chat } from './modules/chat/index.ts'
import type { Files } from './modules/files/index.ts'
import type { Flags } from './modules/flags/index.ts'
import type { Jobs } from './modules/jobs/index.ts'
import type { Knowledge } from './modules/knowledge/index.ts'
import type { Models } from './modules/models/index.ts'
import type { Notifications } from './modules/notifications/index.ts'
import type { Projects } from './modules/projects/index.ts'
import type { Reports } from './modules/reports/index.ts'
import type { System } from './modules/system/index.ts'
import type { Tasks } from './modules/tasks/index.ts'

/** The modules whose procedures are served. */
export interface Modules {
  readonly accounts: Accounts
  readonly files: Files
  readonly projects: Projects
  readonly tasks: Tasks
  readonly flags: Flags
  readonly notifications: Notifications
  readonly audit: Audit
  readonly jobs: Jobs
  readonly reports: Reports
  readonly models: Models
  readonly knowledge: Knowledge
  readonly chat: Chat
  readonly agents: Agents
  readonly system: System
}

/** Every procedure of the product, under the names callers use. */
export function createAppRouter(modules: Modules) {
  return router({
    auth: modules.accounts.routers.auth,
    users: modules.accounts.routers.users,
    apiKeys: modules.accounts.routers.apiKeys,
    files: modules.files.router,
    projects: modules.projects.router,
    tasks: modules.tasks.router,
    flags: modules.flags.router,
    notifications: modules.notifications.router,
    audit: modules.audit.router,
    jobs: modules.jobs.router,
    reports: modules.reports.router,
    models: modules.models.routers.models,
    providers: modules.models.routers.providers,
    usage: modules.models.routers.usage,
    budgets: modules.models.routers.budgets,
    knowledgeBases: modules.knowledge.routers.knowledgeBases,
    documents: modules.knowledge.routers.documents,
    chat: modules.chat.router,
    agents: modules.agents.router,
    system: modules.system.router,
  }) satisfies AnyTRPCRouter
}

/** The router's type; only the SDK's proof of its printed types uses it. */
export type AppRouter = ReturnType<typeof createAppRouter>
