import { basename } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { split } from './lib/chunks.ts'
import { readRows } from './lib/csv.ts'
import { explain } from './lib/explain.ts'
import { keyOf } from './lib/upload.ts'
import { UsageError } from './lib/usage-error.ts'

const USAGE = 'Usage: PLINTH_API_KEY=… node mcp.ts <file.csv> [project]'

/** Imports a CSV file as an AI client would: by calling tools over the Model Context Protocol. */
async function main([file, slug = basename(file ?? '', '.csv')]: string[]): Promise<void> {
  const { PLINTH_API_KEY: key, PLINTH_BASE_URL: baseUrl = 'http://localhost:4000' } = process.env
  if (file === undefined || key === undefined) throw new UsageError(USAGE)
  const { rows } = await readRows(file)
  const client = new Client(
    { name: 'import-csv', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', baseUrl), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  )
  try {
    const projectId = await getOrCreateProject(client, slug, basename(file))
    let imported = 0
    for (const [index, chunk] of split(rows, 100).entries()) {
      const tasks = chunk.map(({ title, description }) => ({ title, description }))
      const made = await call(
        client,
        'tasks_createMany',
        { projectId, tasks },
        keyOf(projectId, index, tasks),
      )
      imported += made.data.length
    }
    const there = await countTasks(client, projectId)
    process.stdout.write(`${imported} tasks imported over MCP, ${there} there now: ${projectId}\n`)
  } finally {
    await client.close()
  }
}

/** What the tools used here answer with, as their output schemas say. */
interface Answers {
  readonly projects_create: { readonly id: string }
  readonly projects_list: { readonly data: readonly { readonly id: string; readonly slug: string }[] }
  readonly tasks_createMany: { readonly data: readonly object[] }
  readonly tasks_list: {
    readonly data: readonly object[]
    readonly pagination: { readonly nextCursor: string | null }
  }
}

/** A tool that failed, with what the server says to do next. */
class ToolFailed extends Error {
  readonly reason: string | undefined

  constructor(message: string, reason: string | undefined) {
    super(message)
    this.reason = reason
  }
}

/** Calls a tool. With a key, however often it is sent, it happens once. @throws ToolFailed */
async function call<Name extends keyof Answers>(
  client: Client,
  name: Name,
  args: Record<string, unknown>,
  idempotencyKey?: string,
): Promise<Answers[Name]> {
  const meta = idempotencyKey === undefined ? {} : { _meta: { 'plinth/idempotencyKey': idempotencyKey } }
  const result = await client.callTool({ name, arguments: args, ...meta })
  if (result.isError === true) {
    const [said] = result.content
    const error = result._meta?.['plinth/error'] as { readonly reason?: string } | undefined
    throw new ToolFailed(said?.type === 'text' ? said.text : `${name} failed`, error?.reason)
  }
  return result.structuredContent as unknown as Answers[Name]
}

async function getOrCreateProject(client: Client, slug: string, name: string): Promise<string> {
  try {
    return (await call(client, 'projects_create', { slug, name })).id
  } catch (error) {
    if (!(error instanceof ToolFailed) || error.reason !== 'SLUG_TAKEN') throw error
    const { data } = await call(client, 'projects_list', { search: slug, limit: 100 })
    const found = data.find((project) => project.slug === slug)
    if (found === undefined) throw new UsageError(`Somebody else has a project called ${slug}.`)
    return found.id
  }
}

async function countTasks(client: Client, projectId: string): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const page = await call(client, 'tasks_list', { projectId, sort: 'createdAt', limit: 100, cursor })
    count += page.data.length
    cursor = page.pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return count
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}
