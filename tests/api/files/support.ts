import { randomBytes } from 'node:crypto'
import { readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { expectOk } from '../../support/expect-clean.ts'
import { type Answer, type CallOptions, field, mutate } from '../../support/http.ts'
import { textOf } from '../../support/people.ts'
import type { TestServer } from '../../support/server.ts'

/** A file of bytes that look like nothing. */
export function randomFile(bytes: number, name = 'data.bin'): File {
  // The first byte of no known type, and no text.
  return new File([Buffer.from([0xf7]), randomBytes(Math.max(0, bytes - 1))], name)
}

/** `files.upload` */
export function tryUpload(
  server: TestServer,
  file: File,
  options: CallOptions,
  projectId?: string,
): Promise<Answer> {
  return mutate(server.baseUrl, 'files.upload', { projectId, file }, options)
}

/** Uploads and returns the id. */
export async function uploadOk(
  server: TestServer,
  file: File,
  token: string,
  projectId?: string,
): Promise<string> {
  return textOf(expectOk(await tryUpload(server, file, { token }, projectId)), 'id')
}

/** What uploads leave behind while they run, and must not afterwards. */
export interface Traces {
  /** Files under the storage folder, those coming in included. */
  readonly files: number
  readonly rows: number
  /** Descriptors of this process that are open on files of the storage. */
  readonly descriptors: number
  readonly usage: string
}

/** Counts what there is now. */
export async function tracesOf({ config, database }: TestServer): Promise<Traces> {
  const { directory } = config.storage
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const { rows } = await database.pool.query<{ files: string; usage: string }>(
    `SELECT (SELECT count(*) FROM files) AS files,
       (SELECT coalesce(string_agg(user_id || ' ' || bytes || ' ' || files, ',' ORDER BY user_id), '') FROM storage_usage) AS usage`,
  )
  return {
    files: entries.filter((entry) => entry.isFile()).length,
    rows: Number(rows[0]?.files),
    descriptors: await openUnder(directory),
    usage: rows[0]?.usage ?? '',
  }
}

async function openUnder(folder: string): Promise<number> {
  const numbers = await readdir('/proc/self/fd')
  const targets = await Promise.all(
    numbers.map((number) => readlink(path.join('/proc/self/fd', number)).catch(() => '')),
  )
  return targets.filter((target) => target.startsWith(folder)).length
}

/** `GET /files/<id>` with a token. */
export function download(
  server: TestServer,
  id: string,
  token: string | undefined,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  return fetch(`${server.baseUrl}/files/${id}`, { method, headers: { ...authorization, ...headers } })
}

/** A link of `files.link`, to be fetched from the test server. */
export function localLink(server: TestServer, answer: Answer): string {
  const { pathname, search } = new URL(String(field(answer.data, 'url')))
  return `${server.baseUrl}${pathname}${search}`
}
