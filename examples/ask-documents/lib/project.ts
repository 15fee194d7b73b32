import { type Client, type Project, safe } from '@plinth/client'
import { UsageError } from './usage-error.ts'

/** The project with this slug that the caller is a member of, made when there is none. */
export async function getOrCreateProject(
  client: Client,
  slug: string,
  name: string,
): Promise<{ project: Project; isNew: boolean }> {
  const existing = await findBySlug(client, slug)
  if (existing !== undefined) return { project: existing, isNew: false }
  const [refused, project] = await safe(client.projects.create.mutate({ slug, name: name.slice(0, 120) }))
  if (refused === null) return { project, isNew: true }
  if (refused.reason !== 'SLUG_TAKEN') throw refused
  throw new UsageError(`Somebody else has a project called ${slug}. Choose another name with --project.`)
}

async function findBySlug(client: Client, slug: string): Promise<Project | undefined> {
  let cursor: string | undefined
  do {
    const page = await client.projects.list.query({ search: slug, limit: 100, cursor })
    const found = page.data.find((project) => project.slug === slug)
    if (found !== undefined) return found
    cursor = page.pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return undefined
}
