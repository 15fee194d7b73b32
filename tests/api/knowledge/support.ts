import { randomUUID } from 'node:crypto'
import { Document } from '../../../server/src/modules/knowledge/documents/documents.schema.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate, query } from '../../support/http.ts'
import { addPerson, type LogIn, type Person, textOf } from '../../support/people.ts'
import type { TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

type Member = Person & LogIn

/** A project with somebody of every role, and somebody who is not in it. */
export interface Team {
  readonly projectId: string
  readonly owner: Member
  readonly editor: Member
  readonly viewer: Member
  readonly stranger: Member
}

/** Makes a {@link Team}. */
export async function addTeam(server: TestServer): Promise<Team> {
  const owner = await addPerson(server, 'owner')
  const editor = await addPerson(server, 'editor')
  const viewer = await addPerson(server, 'viewer')
  const stranger = await addPerson(server, 'stranger')
  const { id: projectId } = await server.database.prisma.project.create({
    data: {
      name: 'Knowing',
      slug: `knowing-${randomUUID()}`,
      members: {
        create: [
          { userId: owner.id, role: 'owner' },
          { userId: editor.id, role: 'editor' },
          { userId: viewer.id, role: 'viewer' },
        ],
      },
    },
  })
  return { projectId, owner, editor, viewer, stranger }
}

/** `knowledgeBases.create`; returns the id. */
export async function createBase(server: TestServer, token: string, projectId?: string): Promise<string> {
  const input = { name: 'Handbook', projectId }
  return textOf(expectOk(await mutate(server.baseUrl, 'knowledgeBases.create', input, { token })), 'id')
}

/** What `documents.upload` answers with. */
export interface Uploaded {
  readonly id: string
  readonly jobId: string
}

/** `documents.upload` of a text; returns the ids. */
export async function uploadDocument(
  server: TestServer,
  token: string,
  knowledgeBaseId: string,
  file: File,
): Promise<Uploaded> {
  const answer = await mutate(server.baseUrl, 'documents.upload', { knowledgeBaseId, file }, { token })
  expectOk(answer)
  return { id: textOf(answer, 'document', 'id'), jobId: textOf(answer, 'jobId') }
}

/** `documents.get` */
export async function getDocument(server: TestServer, token: string, id: string): Promise<Document> {
  const { data } = expectOk(await query(server.baseUrl, 'documents.get', { id }, { token }))
  return Document.parse(data)
}

/** Waits until a document's newest version is ready or has failed. */
export async function settled(
  server: TestServer,
  token: string,
  id: string,
  withinMs = 20_000,
): Promise<Document> {
  return await until(
    `document ${id} is taken in`,
    async () => {
      const document = await getDocument(server, token, id)
      return document.status === 'processing' ? undefined : document
    },
    withinMs,
  )
}

/** Uploads a document and waits for what comes of it. */
export async function takeIn(
  server: TestServer,
  token: string,
  knowledgeBaseId: string,
  file: File,
): Promise<Document> {
  const { id } = await uploadDocument(server, token, knowledgeBaseId, file)
  return await settled(server, token, id)
}

/** What is found of a base: the texts of the chunks of all current versions, in order. */
export async function foundTexts(server: TestServer, knowledgeBaseId: string): Promise<string[]> {
  const { rows } = await server.database.pool.query<{ text: string }>(
    `SELECT c.text FROM chunks c JOIN documents d ON d.current_version_id = c.version_id
     WHERE d.knowledge_base_id = $1::uuid ORDER BY d.name, c.position`,
    [knowledgeBaseId],
  )
  return rows.map(({ text }) => text)
}

/** How many rows of a base there are in which table, files included. */
export async function leftOf(server: TestServer, knowledgeBaseId: string) {
  const { rows } = await server.database.pool.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM chunks WHERE knowledge_base_id = $1::uuid) AS chunks,
       (SELECT count(*)::int FROM document_versions WHERE knowledge_base_id = $1::uuid) AS versions,
       (SELECT count(*)::int FROM documents WHERE knowledge_base_id = $1::uuid) AS documents`,
    [knowledgeBaseId],
  )
  return rows[0]
}

/** How many vectors there are in all spaces of a base. */
export async function vectorsOf(server: TestServer, knowledgeBaseId: string): Promise<number[]> {
  const spaces = await server.database.prisma.embeddingSpace.findMany({
    where: { knowledgeBaseId, retiredAt: null },
    orderBy: { createdAt: 'asc' },
  })
  const signal = AbortSignal.timeout(5_000)
  return await Promise.all(spaces.map(({ id }) => server.app.vectors.count(id, signal)))
}
