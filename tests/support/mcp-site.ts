import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { scopes } from '../../server/src/contract/scopes.ts'
import { mutate } from './http.ts'
import { addPerson, newAddress, textOf } from './people.ts'
import { startServer, type TestServer } from './server.ts'

/** The command line, as it is run from the repository. */
const COMMAND = path.join(import.meta.dirname, '../../client-sdk/src/cli/main.ts')

/** A server with one person, a project of theirs and two of their keys, and a home for programs that call it. */
export interface McpSite extends AsyncDisposable {
  readonly server: TestServer
  readonly home: string
  readonly projectId: string
  /** Of the person's log-in. */
  readonly refreshToken: string
  /** With every scope. */
  readonly key: string
  /** That can read and nothing else. */
  readonly readKey: string
  /** What a program is started with. */
  environment(more?: Record<string, string>): Record<string, string>
}

/** `node … plinth mcp`. */
export const plinthMcp = [process.execPath, COMMAND, 'mcp'] as const

/** Starts the {@link McpSite}. */
export async function startMcpSite(): Promise<McpSite> {
  const home = await mkdtemp(path.join(tmpdir(), 'plinth-mcp-'))
  const server = await startServer()
  const { token, refreshToken } = await addPerson(server, 'modeller')
  const call = (name: string, input: unknown) =>
    mutate(server.baseUrl, name, input, { token, headers: newAddress() })
  const keyWith = async (granted: readonly string[]) =>
    textOf(await call('apiKeys.create', { name: 'model', scopes: granted }), 'key')
  const projectId = textOf(await call('projects.create', { name: 'Models', slug: 'models' }), 'id')
  await call('tasks.create', { projectId, title: 'Look around' })
  return {
    server,
    home,
    projectId,
    refreshToken,
    key: await keyWith(scopes),
    readKey: await keyWith(scopes.filter((scope) => scope.endsWith(':read'))),
    environment: (more) => ({
      PATH: process.env.PATH ?? '',
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      PLINTH_BASE_URL: server.baseUrl,
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}
