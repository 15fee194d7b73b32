import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Client } from '@plinth/client'
import { fileEffect } from '../workload/operations.ts'

/** The files of a project as the API lists them, each with what its bytes on the disk really are. */
export async function fileEffects(reader: Client, projectId: string, folder: string): Promise<string[]> {
  const effects: string[] = []
  let cursor: string | undefined
  do {
    const input = { projectId, limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const { data, pagination } = await reader.files.list.query(input)
    for (const { id, name, sha256 } of data) {
      effects.push(fileEffect(name, sha256), `bytes of ${fileEffect(name, await digestOf(folder, id))}`)
    }
    cursor = pagination.nextCursor ?? undefined
  } while (cursor !== undefined)
  return effects
}

async function digestOf(folder: string, id: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path.join(folder, 'files', id.slice(-2), id))) hash.update(chunk)
    return hash.digest('hex')
  } catch {
    return 'missing'
  }
}

/** The ids of all files on the disk, those that are only half there included. */
export async function filesOnDisk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}
