import { createHash, randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Client, createClient, safe } from '@plinth/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSite, type Site } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'eleven owls left the old barn'
const MEGABYTE = 1_000_000
let site: Site
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-uploads-'))
  site = await openSite()
})
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function newClient(): Promise<Client> {
  const client = createClient({ baseUrl: site.baseUrl, retry: { attempts: 60, maxDelayMs: 1_000 } })
  const email = `${randomBytes(8).toString('hex')}@example.com`
  await client.auth.register.mutate({ email, password: PASSWORD, fullName: 'Uma' })
  return client
}

/** Bytes that are no text and no known type. */
function bytesOf(size: number): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.from([0xf7]), randomBytes(size - 1)])
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Files in the server's storage, those coming in included. */
async function stored(): Promise<string[]> {
  const root = path.join(site.dataDirectory, 'storage')
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

describe('uploads with the SDK', () => {
  test('a file from disk, with progress, and back by a link', async () => {
    const client = await newClient()
    const bytes = bytesOf(5 * MEGABYTE)
    const source = path.join(folder, 'source.bin')
    await writeFile(source, bytes)
    const seen: number[] = []
    const file = await client.files.upload.mutate(
      { file: new File([await openAsBlob(source)], 'source.bin') },
      {
        onUploadProgress({ sent, total }) {
          expect(total).toBe(bytes.length)
          seen.push(sent)
        },
      },
    )
    expect(file).toMatchObject({ name: 'source.bin', bytes: bytes.length, sha256: sha256(bytes) })
    expect(seen.length).toBeGreaterThan(10)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(bytes.length)
    const { url } = await client.files.link.query({ id: file.id })
    const read = await fetch(url)
    expect(sha256(new Uint8Array(await read.arrayBuffer()))).toBe(file.sha256)
  })

  test('without progress the same, and refusals are typed', async () => {
    const client = await newClient()
    const named = await client.files.upload.mutate({ file: new File(['words'], 'a "quoted"\nname.txt') })
    expect(named).toMatchObject({ type: 'text/plain', bytes: 5 })
    const [wrong] = await safe(client.files.upload.mutate({ file: new File(['words'], 'a.png') }))
    expect(wrong).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', reason: 'FILE_TYPE_REFUSED', status: 415 })
    const projectId = '00000000-0000-4000-8000-000000000000'
    const hidden = client.files.upload.mutate({ projectId, file: new File([bytesOf(MEGABYTE)], 'x') })
    expect((await safe(hidden))[0]).toMatchObject({ code: 'NOT_FOUND', status: 404 })
    const large = new File([bytesOf(26_214_401)], 'large.bin')
    const tooLarge = client.files.upload.mutate({ file: large }, { onUploadProgress: () => undefined })
    expect((await safe(tooLarge))[0]).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', status: 413 })
  })

  test('an abort ends it and leaves nothing', async () => {
    const client = await newClient()
    const before = await stored()
    const controller = new AbortController()
    const upload = client.files.upload.mutate(
      { file: new File([bytesOf(20 * MEGABYTE)], 'x.bin') },
      {
        signal: controller.signal,
        onUploadProgress: ({ sent }) => {
          if (sent > MEGABYTE) controller.abort()
        },
      },
    )
    expect((await safe(upload))[0]).toMatchObject({ code: 'ABORTED' })
    await until('nothing is left', async () => ((await stored()).length === before.length ? true : undefined))
    expect((await client.files.list.query({})).data).toEqual([])
  })
})

describe('F3 the server is killed in the middle of uploads', () => {
  test('each upload is repeated with its key and kept once; nothing is left over within a minute', async () => {
    const client = await newClient()
    const before = (await stored()).length
    const kept: string[] = []
    const upload = async (killAt: number | 'kept') => {
      const bytes = bytesOf(25 * MEGABYTE)
      let killed: Promise<unknown> | undefined
      const kill = () => {
        killed ??= site
          .current()
          .stop('SIGKILL')
          .then(() => site.start())
      }
      const uploading = client.files.upload.mutate(
        { file: new File([bytes], 'x.bin') },
        {
          timeoutMs: 90_000,
          onUploadProgress: ({ sent, total }) => {
            if (typeof killAt === 'number' && sent >= total * killAt) kill()
          },
        },
      )
      // The moment its bytes are under their final name its row is not committed yet.
      if (killAt === 'kept') {
        const isThere = async () => {
          const names = await stored()
          return names.filter((name) => !name.endsWith('.part')).length > before + kept.length
        }
        await until('the bytes are in place', async () => ((await isThere()) ? true : undefined), 20_000)
        kill()
      }
      const file = await uploading
      await killed
      expect(killed).toBeDefined()
      expect(file.sha256).toBe(sha256(bytes))
      kept.push(file.id)
    }
    for (const killAt of [0.1, 0.5, 0.99, 'kept'] as const) await upload(killAt)
    const started = Date.now()
    await until(
      'as many files as rows',
      async () => ((await stored()).length === before + kept.length ? true : undefined),
      60_000,
    )
    process.stdout.write(
      `F3: nothing left over ${Math.round((Date.now() - started) / 1_000)} s after the last start\n`,
    )
    const { data } = await client.files.list.query({})
    expect(data.map(({ id }) => id).sort()).toEqual([...kept].sort())
    for (const { id, sha256: expected } of data) {
      const { url } = await client.files.link.query({ id })
      expect(sha256(new Uint8Array(await (await fetch(url)).arrayBuffer()))).toBe(expected)
    }
  }, 240_000)
})
