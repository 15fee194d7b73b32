import type { AnyTRPCRouter } from '@trpc/server'
import { router } from './contract/procedure.ts'
import type { Accounts } from './modules/accounts/index.ts'
import type { Flags } from './modules/flags/index.ts'
import type { Projects } from './modules/projects/index.ts'
import type { Tasks } from './modules/tasks/index.ts'

/** The modules whose procedures are served. */
export interface Modules {
  readonly accounts: Accounts
  readonly projects: Projects
  readonly tasks: Tasks
  readonly flags: Flags
}

/** Every procedure of the product, under the names callers use. */
export function createAppRouter({ accounts, projects, tasks, flags }: Modules) {
  return router({
    auth: accounts.routers.auth,
    users: accounts.routers.users,
    apiKeys: accounts.routers.apiKeys,
    projects: projects.router,
    tasks: tasks.router,
    flags: flags.router,
  }) satisfies AnyTRPCRouter
}

/** The router's type; only the SDK's proof of its printed types uses it. */
export type AppRouter = ReturnType<typeof createAppRouter>
