import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../../usage-error.ts'
import type { Collection } from './collection.ts'

/** Reads a collection in the format of the SMART system: `.I` id, `.T` title, `.W` text; judgements as pairs of ids. */
export async function readSmart(folder: string): Promise<Collection> {
  const names = await readdir(folder)
  const read = async (ending: string): Promise<string> => {
    const name = names.find((one) => one.toUpperCase().endsWith(ending))
    if (name === undefined)
      throw new UsageError(`${folder} has neither corpus.jsonl nor a file *${ending}.`, 'plinth kb --help')
    return await readFile(path.join(folder, name), 'latin1')
  }
  const [all, asked, judged] = await Promise.all([read('.ALL'), read('.QRY'), read('.REL')])
  const relevant = new Map<string, Set<string>>()
  for (const line of judged.split('\n')) {
    const [query, document] = line.trim().split(/\s+/)
    if (query === undefined || document === undefined) continue
    relevant.set(query, (relevant.get(query) ?? new Set()).add(document))
  }
  return {
    documents: records(all).map(({ id, fields }) => ({
      id,
      title: field(fields, 'T'),
      text: field(fields, 'W'),
    })),
    queries: records(asked).map(({ id, fields }) => ({
      id,
      text: `${field(fields, 'T')} ${field(fields, 'W')}`.trim(),
    })),
    relevant,
  }
}

interface SmartRecord {
  readonly id: string
  readonly fields: Map<string, string[]>
}

function records(text: string): SmartRecord[] {
  const found: SmartRecord[] = []
  let lines: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    const id = /^\.I\s+(\S+)/.exec(line)?.[1]
    const name = /^\.([A-Z])\s*$/.exec(line)?.[1]
    if (id !== undefined) {
      found.push({ id, fields: new Map() })
      lines = undefined
    } else if (name !== undefined) {
      lines = found.at(-1)?.fields.get(name) ?? []
      found.at(-1)?.fields.set(name, lines)
    } else lines?.push(line)
  }
  return found
}

function field(fields: ReadonlyMap<string, readonly string[]>, name: string): string {
  return (fields.get(name) ?? []).join('\n').trim()
}
