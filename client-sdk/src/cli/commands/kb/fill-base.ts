import { setTimeout as wait } from 'node:timers/promises'
import { callProcedure, type Runtime } from '../../../call.ts'
import { exitCodes } from '../../exit-codes.ts'
import { Failure } from '../../failure.ts'
import { nextCursorOf, rowsOf } from '../../output/print-answer.ts'
import { isRecord } from '../../records.ts'
import type { CollectionDocument } from './collection.ts'
import { inParallel } from './in-parallel.ts'

const AT_ONCE = 4
const FIRST_LOOK_MS = 100
const LONGEST_PAUSE_MS = 2_000

/** What {@link fillBase} works with. */
export interface Filling {
  readonly runtime: Runtime
  readonly signal: AbortSignal
  readonly knowledgeBaseId: string
  readonly documents: readonly CollectionDocument[]
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Uploads the documents that are not there yet, waits until all are taken in, and answers with the collection's ids by the server's.
 * @throws Failure when some could not be taken in
 */
export async function fillBase(filling: Filling): Promise<Map<string, string>> {
  const { documents, knowledgeBaseId, runtime, signal, onProgress } = filling
  const there = await idsByName(filling)
  const ids = new Map<string, string>()
  const target = { path: 'documents.upload', kind: 'mutation', upload: true } as const
  await inParallel(documents, AT_ONCE, async (document) => {
    const file = fileOf(document)
    const created = there.get(file.name) ?? (await upload(file))
    if (typeof created !== 'string')
      throw new Failure(exitCodes.failed, 'documents.upload answered without a document.')
    ids.set(created, document.id)
    // Uploads are the smaller half of the work.
    onProgress(ids.size, documents.length * 2)
  })
  await allTakenIn(filling)
  return ids

  async function upload(file: File): Promise<unknown> {
    const answer = await callProcedure(runtime, target, { knowledgeBaseId, file }, { signal })
    return isRecord(answer) && isRecord(answer.document) ? answer.document.id : undefined
  }
}

async function allTakenIn(filling: Filling): Promise<void> {
  const total = filling.documents.length
  let pause = FIRST_LOOK_MS
  for (;;) {
    const open = await countOf(filling, 'processing')
    filling.onProgress(total * 2 - Math.min(open, total), total * 2)
    if (open === 0) break
    await wait(pause, undefined, { signal: filling.signal })
    pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)
  }
  const failed = await countOf(filling, 'failed')
  if (failed > 0) {
    const look = `plinth documents list --knowledge-base-id ${filling.knowledgeBaseId} --status failed`
    throw new Failure(exitCodes.failed, `${failed} of ${total} documents could not be taken in.`, look)
  }
}

async function countOf({ runtime, signal, knowledgeBaseId }: Filling, status: string): Promise<number> {
  const input = { knowledgeBaseId, status, page: 1, limit: 1 }
  const answer = await callProcedure(runtime, { path: 'documents.list', kind: 'query' }, input, { signal })
  const pagination = isRecord(answer) ? answer.pagination : undefined
  return isRecord(pagination) && typeof pagination.total === 'number' ? pagination.total : 0
}

/** The documents of the base by their names; none in a new one. */
async function idsByName({ runtime, signal, knowledgeBaseId }: Filling): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  let cursor: string | undefined
  do {
    const input = { knowledgeBaseId, limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const page = await callProcedure(runtime, { path: 'documents.list', kind: 'query' }, input, { signal })
    for (const row of rowsOf(page) ?? [])
      if (isRecord(row) && typeof row.name === 'string' && typeof row.id === 'string')
        ids.set(row.name, row.id)
    cursor = nextCursorOf(page)
  } while (cursor !== undefined)
  return ids
}

/** The title is a heading, as it would be in a document. */
function fileOf({ id, title, text }: CollectionDocument): File {
  const heading = title.replace(/\s+/g, ' ').trim()
  const content = heading === '' ? text : `# ${heading}\n\n${text}\n`
  return new File([content], `${encodeURIComponent(id)}.md`, { type: 'text/markdown' })
}
