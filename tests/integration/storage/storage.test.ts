import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../../server/src/platform/ids.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { createStorage, type Storage, storageKey } from '../../../server/src/platform/storage/index.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'
import { until } from '../../support/until.ts'

const logger = createLogger({ level: 'silent', format: 'json' })
const unlimited = { maxBytes: 1_000_000_000 }
let directory: string
let s3: S3Server

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plinth-storage-'))
  s3 = await startS3Server()
})
afterAll(async () => {
  await s3[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

describe.each(['local', 's3'] as const)('storage: %s', (kind) => {
  let storage: Storage
  let folder: string

  beforeAll(async () => {
    folder = path.join(directory, kind)
    const remote = {
      bucket: s3.bucket,
      endpoint: s3.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    }
    storage = createStorage({ directory: folder, s3: kind === 's3' ? remote : undefined }, logger)
    await storage.start()
  })
  afterAll(() => storage.close())

  const incoming = () => readdir(path.join(folder, '.incoming'))

  test('is the one that was asked for, and works', async () => {
    expect(storage.kind).toBe(kind)
    await storage.check()
  })

  test('what was saved is read back byte for byte', async () => {
    const bytes = randomBytes(3_000_000)
    const key = storageKey('tests', 'whole', newId())
    const saved = await storage.save(key, inChunks(bytes), unlimited)
    expect(saved).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    expect(Buffer.compare(await contentOf(await storage.read(key)), bytes)).toBe(0)
    expect(await storage.stat(key)).toMatchObject({ key, bytes: bytes.length })
    expect(await incoming()).toEqual([])
  })

  test('an empty object is an object', async () => {
    const key = storageKey('tests', 'empty', newId())
    await storage.save(key, inChunks(Buffer.alloc(0)), unlimited)
    expect(await storage.stat(key)).toMatchObject({ bytes: 0 })
    expect(await contentOf(await storage.read(key))).toHaveLength(0)
  })

  test('saving again replaces the whole', async () => {
    const key = storageKey('tests', 'again', newId())
    await storage.save(key, inChunks(Buffer.from('a long first text')), unlimited)
    await storage.save(key, inChunks(Buffer.from('short')), unlimited)
    expect((await contentOf(await storage.read(key))).toString()).toBe('short')
  })

  // Not 0 to 0, which s3rver takes for everything.
  test.each([
    [0, 1],
    [0, 99],
    [50, 149],
    [999, 999],
  ])('bytes %i to %i, both included', async (first, last) => {
    const bytes = randomBytes(1_000)
    const key = storageKey('tests', 'ranges', newId())
    await storage.save(key, inChunks(bytes), unlimited)
    const part = await contentOf(await storage.read(key, { first, last }))
    expect(part.toString('hex')).toBe(bytes.subarray(first, last + 1).toString('hex'))
  })

  test('what is not there is missing, and can be deleted all the same', async () => {
    const key = storageKey('tests', 'nothing', newId())
    await expect(storage.read(key)).rejects.toMatchObject({ failure: 'missing' })
    expect(await storage.stat(key)).toBeNull()
    await storage.delete(key)
    await storage.deletePrefix(storageKey('tests', 'no-such-prefix'))
    expect(await keysUnder(storage, 'no-such-prefix')).toEqual([])
  })

  test('deleting takes one object, or all under a prefix and no others', async () => {
    const shelf = newId()
    const keys = ['one', 'two'].map((name) => storageKey(shelf, 'in', name))
    const beside = storageKey(shelf, 'in-side')
    for (const key of [...keys, beside]) await storage.save(key, inChunks(Buffer.from(key)), unlimited)
    expect(await keysUnder(storage, shelf)).toEqual([...keys, beside].sort())
    await storage.deletePrefix(storageKey(shelf, 'in'))
    expect(await keysUnder(storage, shelf)).toEqual([beside])
    await storage.delete(beside)
    expect(await storage.stat(beside)).toBeNull()
  })

  test('one byte too many is refused, and nothing is left', async () => {
    const key = storageKey('tests', 'large', newId())
    const limit = { maxBytes: 100_000 }
    await storage.save(key, inChunks(randomBytes(100_000)), limit)
    const other = storageKey('tests', 'large', newId())
    await expect(storage.save(other, inChunks(randomBytes(100_001)), limit)).rejects.toMatchObject({
      failure: 'too_large',
    })
    expect(await storage.stat(other)).toBeNull()
    expect(await incoming()).toEqual([])
  })

  test('a body that breaks off leaves nothing', async () => {
    const key = storageKey('tests', 'broken', newId())
    await expect(storage.save(key, breaking(200_000), unlimited)).rejects.toThrow('the line went dead')
    expect(await storage.stat(key)).toBeNull()
    expect(await incoming()).toEqual([])
  })

  test('whoever looks at the first bytes can refuse the rest', async () => {
    let asked = 0
    const body = inChunks(randomBytes(1_000_000), () => {
      asked += 1
    })
    const refusing = {
      ...unlimited,
      onHead(head: Uint8Array) {
        expect(head).toHaveLength(4_100)
        throw new Error('not this type')
      },
    }
    await expect(storage.receive(body, refusing)).rejects.toThrow('not this type')
    expect(asked).toBeLessThan(5)
    expect(await incoming()).toEqual([])
  })

  test('staged bytes are nowhere until they are kept', async () => {
    const key = storageKey('tests', 'staged', newId())
    const dropped = await storage.receive(inChunks(Buffer.from('no')), unlimited)
    await dropped.discard()
    const staged = await storage.receive(inChunks(Buffer.from('yes')), unlimited)
    expect(await storage.stat(key)).toBeNull()
    await staged.keep(key)
    await staged.discard()
    expect((await contentOf(await storage.read(key))).toString()).toBe('yes')
    expect(await incoming()).toEqual([])
  })

  test.each(['../x', 'a/../b', '/etc', '.incoming', 'a//b', 'A', 'a\0', '', 'x'.repeat(65)])(
    'U2 %j is no key',
    async (key) => {
      await expect(Promise.resolve().then(() => storage.read(key))).rejects.toThrow(RangeError)
      await expect(storage.save(key, inChunks(Buffer.from('x')), unlimited)).rejects.toThrow(RangeError)
      expect(await incoming()).toEqual([])
    },
  )

  test('F3 what a dead process left half received goes at the next start', async () => {
    const [old, fresh] = ['old.part', 'fresh.part'].map((name) => path.join(folder, '.incoming', name))
    if (old === undefined || fresh === undefined) throw new Error('unreachable')
    await Promise.all([writeFile(old, 'half'), writeFile(fresh, 'half')])
    const longAgo = new Date(Date.now() - 41_000)
    await utimes(old, longAgo, longAgo)
    const next = createStorage({ directory: folder, s3: undefined }, logger)
    await next.start()
    // The other may belong to a living process, which would touch it.
    await until('only the fresh one is left', async () =>
      (await incoming()).join() === 'fresh.part' ? true : undefined,
    )
    await next.close()
    await rm(fresh)
  })
})

describe('storage on disk', () => {
  test('U2 a symbolic link inside leads nowhere', async () => {
    const root = path.join(directory, 'linked')
    const outside = path.join(directory, 'outside')
    const storage = createStorage({ directory: root, s3: undefined }, logger)
    await storage.save(storageKey('real', 'x'), inChunks(Buffer.from('x')), unlimited)
    await storage.save(storageKey('elsewhere', 'x'), inChunks(Buffer.from('x')), unlimited)
    await writeFile(outside, 'secret')
    await symlink(directory, path.join(root, 'linked-folder'))
    await symlink(outside, path.join(root, 'real', 'linked-file'))
    for (const key of ['linked-folder/outside', 'real/linked-file']) {
      await expect(storage.read(key)).rejects.toMatchObject({ failure: 'unavailable' })
    }
    expect(await storage.stat('real/linked-file')).toBeNull()
    await expect(
      storage.save('linked-folder/new', inChunks(Buffer.from('x')), unlimited),
    ).rejects.toMatchObject({ failure: 'unavailable' })
    expect(await readdir(directory)).not.toContain('new')
    await storage.close()
  })

  test('a bucket that nobody answers for is not healthy', async () => {
    const remote = { bucket: 'x-x', endpoint: 'http://127.0.0.1:9', region: 'r', credentials: undefined }
    const storage = createStorage({ directory: path.join(directory, 'none'), s3: remote }, logger)
    await expect(storage.check()).rejects.toMatchObject({ failure: 'unavailable' })
    await storage.close()
  })
})

describe('storage in a bucket', () => {
  let storage: Storage
  let folder: string

  beforeAll(() => {
    folder = path.join(directory, 'bucket')
    const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
    const remote = { bucket: s3.bucket, endpoint: s3.endpoint, region: 'us-east-1', credentials }
    storage = createStorage({ directory: folder, s3: remote }, logger)
  })
  afterAll(() => storage.close())

  test('received bytes that cannot be read any more fail their upload, not the process', async () => {
    const staged = await storage.receive(inChunks(Buffer.from('x')), unlimited)
    await rm(path.join(folder, '.incoming'), { recursive: true })
    await expect(staged.keep(storageKey('tests', 'lost', newId()))).rejects.toMatchObject({
      failure: 'unavailable',
      cause: { code: 'ENOENT' },
    })
  })

  test('readers that do not go on keep nobody out', async () => {
    const key = storageKey('tests', 'slowly', newId())
    await storage.save(key, inChunks(randomBytes(20_000_000)), unlimited)
    const readers = await Promise.race([
      Promise.all(Array.from({ length: 60 }, () => storage.read(key))),
      new Promise<Readable[]>((resolve) => setTimeout(resolve, 15_000, [])),
    ])
    expect(readers).toHaveLength(60)
    await storage.check()
    for (const reader of readers) reader.destroy()
  })
})

async function* inChunks(bytes: Buffer, onChunk = () => {}): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) {
    onChunk()
    yield bytes.subarray(at, at + 65_536)
  }
}

async function* breaking(after: number): AsyncGenerator<Uint8Array> {
  yield randomBytes(after)
  throw new Error('the line went dead')
}

async function contentOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function keysUnder(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of storage.list(prefix)) keys.push(key)
  return keys.sort()
}
