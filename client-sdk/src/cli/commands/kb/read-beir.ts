import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isRecord } from '../../records.ts'
import { UsageError } from '../../usage-error.ts'
import type { Collection } from './collection.ts'

/** Reads a collection in BEIR's format; judgements of 0 are none. Of several files of judgements it takes `test.tsv`. */
export async function readBeir(folder: string): Promise<Collection> {
  const [corpus, asked] = await Promise.all([
    lines(path.join(folder, 'corpus.jsonl')),
    lines(path.join(folder, 'queries.jsonl')),
  ])
  const names = (await readdir(path.join(folder, 'qrels')).catch(() => [])).filter((name) =>
    name.endsWith('.tsv'),
  )
  const name = names.find((one) => one === 'test.tsv') ?? names[0]
  if (name === undefined) throw new UsageError(`${folder} has no qrels/*.tsv.`)
  const relevant = new Map<string, Set<string>>()
  for (const line of (await readFile(path.join(folder, 'qrels', name), 'utf8')).split(/\r?\n/)) {
    const [query, document, score] = line.split('\t')
    if (query === undefined || document === undefined || !(Number(score) > 0)) continue
    relevant.set(query, (relevant.get(query) ?? new Set()).add(document))
  }
  return {
    documents: corpus.map((one) => ({
      id: text(one, '_id'),
      title: text(one, 'title'),
      text: text(one, 'text'),
    })),
    queries: asked.map((one) => ({ id: text(one, '_id'), text: text(one, 'text') })),
    relevant,
  }
}

async function lines(file: string): Promise<Readonly<Record<string, unknown>>[]> {
  const content = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} cannot be read.`)
  })
  return content.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return []
    const value = parsed(line)
    if (!isRecord(value)) throw new UsageError(`${file}, line ${index + 1} is no JSON object.`)
    return [value]
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function text(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
