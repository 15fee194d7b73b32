import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { cacheDirectory, type Environment } from '../config/directories.ts'
import { writePrivateFile } from '../config/write-file.ts'
import { isRecord } from '../records.ts'

/** A document as it was when it was asked for last. */
export interface CachedDocument {
  readonly etag: string
  /** When the server last said that it is still so, in milliseconds since 1970. */
  readonly checkedAt: number
  /** Whether the person was told that this server is newer than the command, in whichever way that showed. */
  readonly told: boolean
  readonly document: unknown
}

/** The documents of servers, a file each. What cannot be read or written is as if it were not there. */
export interface ContractCache {
  read(): Promise<CachedDocument | undefined>
  write(cached: CachedDocument): Promise<void>
}

/** Opens the cache for one server. */
export function openContractCache(env: Environment, baseUrl: string): ContractCache {
  const name = createHash('sha256').update(baseUrl).digest('hex').slice(0, 32)
  const file = path.join(cacheDirectory(env), 'contracts', `${name}.json`)
  return {
    async read() {
      try {
        const value: unknown = JSON.parse(await readFile(file, 'utf8'))
        if (!isRecord(value)) return undefined
        const { etag, checkedAt, told, document } = value
        if (typeof etag !== 'string' || typeof checkedAt !== 'number') return undefined
        return { etag, checkedAt, told: told === true, document }
      } catch {
        return undefined
      }
    },
    async write(cached) {
      await writePrivateFile(file, JSON.stringify(cached)).catch(() => undefined)
    },
  }
}
