import { openAsBlob } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@plinth/client'
import type { OnProgress } from './output.ts'

/** A document that is on the server and being read there. */
export interface Sent {
  readonly file: string
  readonly documentId: string
}

/** Sends documents, `parallel` at once, each read from the disk while it is sent. */
export async function sendDocuments(
  client: Client,
  { folder, files, knowledgeBaseId, parallel }: Sending,
  onProgress: OnProgress,
): Promise<Sent[]> {
  const sent: Sent[] = []
  await inParallel(parallel, files, async (name) => {
    const file = new File([await openAsBlob(path.join(folder, name))], name.replaceAll(path.sep, '-'))
    const upload = await client.documents.upload.mutate({ knowledgeBaseId, file })
    sent.push({ file: name, documentId: upload.document.id })
    onProgress(sent.length, files.length)
  })
  return sent
}

/** What is sent, and where to. */
export interface Sending {
  readonly folder: string
  readonly files: readonly string[]
  readonly knowledgeBaseId: string
  readonly parallel: number
}

/** A document that the server could not read, and why. */
export interface Unreadable {
  readonly file: string
  readonly reason: string
}

const LOOK_EVERY_MS = 500

/** Waits until none of these documents is being read any more. @returns those that could not be read */
export async function untilReady(
  client: Client,
  knowledgeBaseId: string,
  documents: readonly Sent[],
  onProgress: OnProgress,
): Promise<Unreadable[]> {
  // One look at all of them is cheaper than a stream for each.
  for (;;) {
    const page = { knowledgeBaseId, limit: 1, page: 1 }
    const { pagination } = await client.documents.list.query({ ...page, status: 'processing' })
    const left = pagination.total ?? 0
    onProgress(documents.length - Math.min(left, documents.length), documents.length)
    if (left === 0) break
    await delay(LOOK_EVERY_MS)
  }
  const failed = await client.documents.list.query({ knowledgeBaseId, limit: 100, status: 'failed' })
  return failed.data.map(({ name, error }) => ({ file: name, reason: error ?? 'no reason given' }))
}

/** Does `work` for every item, so many at a time. The first failure ends it. */
async function inParallel<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  const worker = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
