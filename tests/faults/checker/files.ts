import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Client, StoredFile } from '@plinth/client'
import { fileEffect } from '../workload/operations.ts'

/** The files of a project as the API lists them, each with what its bytes on the disk really are. */
export async function fileEffects(reader: Client, projectId: string, folder: string): Promise<string[]> {
  const effects: string[] = []
  for (const { id, name, sha256, purpose } of await allFiles(reader, projectId)) {
    if (purpose !== 'upload') continue
    effects.push(fileEffect(name, sha256), `bytes of ${fileEffect(name, await digestOf(folder, id))}`)
  }
  return effects
}

async function allFiles(reader: Client, projectId: string): Promise<StoredFile[]> {
  const files: StoredFile[] = []
  let cursor: string | undefined
  do {
    const input = { projectId, limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const { data, pagination } = await reader.files.list.query(input)
    files.push(...data)
    cursor = pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return files
}

async function digestOf(folder: string, id: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path.join(folder, 'files', id.slice(-2), id)))
      hash.update(chunk)
    return hash.digest('hex')
  } catch {
    return 'missing'
  }
}

/** The reports of a project, and their files as far as the disk has them; files that no report names stand alone. */
export async function reportsFound(reader: Client, projectId: string, folder: string): Promise<string[]> {
  const effects: string[] = []
  const named = new Set<string>()
  let cursor: string | undefined
  do {
    const input = { projectId, limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const { data, pagination } = await reader.reports.list.query(input)
    for (const { id, state, files } of data) {
      effects.push(state === 'succeeded' ? `report ${id}` : `${state} report ${id}`)
      for (const { format, fileId } of files) {
        named.add(fileId)
        if ((await digestOf(folder, fileId)) !== 'missing') effects.push(`${format} of report ${id}`)
      }
    }
    cursor = pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  const files = await allFiles(reader, projectId)
  const strays = files.filter(({ id, purpose }) => purpose === 'report' && !named.has(id))
  return [...effects, ...strays.map(({ id }) => `file ${id} of no report`)]
}

/** The ids of all files on the disk, those that are only half there included. */
export async function filesOnDisk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}
