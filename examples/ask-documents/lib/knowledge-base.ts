import type { Client, KnowledgeBase } from '@plinth/client'

/** The project's knowledge base of this name, made when there is none. */
export async function getOrCreateKnowledgeBase(
  client: Client,
  projectId: string,
  name: string,
): Promise<{ base: KnowledgeBase; isNew: boolean }> {
  let cursor: string | undefined
  do {
    const page = await client.knowledgeBases.list.query({ projectId, limit: 100, cursor })
    const found = page.data.find((base) => base.name === name)
    if (found !== undefined) return { base: found, isNew: false }
    cursor = page.pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return { base: await client.knowledgeBases.create.mutate({ name, projectId }), isNew: true }
}
