import { stat } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../../usage-error.ts'
import { readBeir } from './read-beir.ts'
import { readSmart } from './read-smart.ts'

/** A document of a collection. */
export interface CollectionDocument {
  readonly id: string
  readonly title: string
  readonly text: string
}

/** Documents, queries, and which documents people judged relevant for which query. */
export interface Collection {
  readonly documents: readonly CollectionDocument[]
  /** Those with at least one judgement. */
  readonly queries: readonly { readonly id: string; readonly text: string }[]
  /** By the query's id, the ids of the relevant documents. */
  readonly relevant: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Reads a collection with judgements: a folder as BEIR has them (`corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`) or as
 * SMART's are (`X.ALL`, `X.QRY`, `X.REL`), such as CISI. @throws UsageError saying what is missing
 */
export async function readCollection(folder: string): Promise<Collection> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) throw new UsageError(`${folder} is no folder.`)
  const isBeir = await stat(path.join(folder, 'corpus.jsonl')).catch(() => undefined)
  const { documents, queries, relevant } = await (isBeir === undefined ? readSmart(folder) : readBeir(folder))
  const judged = queries.filter(({ id, text }) => relevant.has(id) && text.trim() !== '')
  const full = documents.filter(({ title, text }) => `${title}${text}`.trim() !== '')
  if (full.length === 0 || judged.length === 0)
    throw new UsageError(`${folder} has no documents, or no queries with judgements.`)
  return { documents: full, queries: judged, relevant }
}
