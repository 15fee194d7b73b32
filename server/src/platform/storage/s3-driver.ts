import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { ByteRange, ReceivedBytes, StorageDriver, StoredObject } from './storage.ts'
import { StorageError } from './storage-error.ts'
import type { StorageKey } from './storage-key.ts'

/** Where the bucket is. */
export interface S3Options {
  readonly bucket: string
  /** A server that speaks S3; without it, AWS. */
  readonly endpoint: string | undefined
  readonly region: string
  /** Without them the SDK looks where AWS puts them: the environment, the instance's role. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

const CONNECT_MS = 3_000
/** Of silence; a large object may take longer. */
const SILENCE_MS = 20_000
const CHECK_MS = 2_000
const TRIES = 3
/** The SDK's 50 would be taken by as many slow readers, and nothing else could be kept or read while they last. */
const MOST_CONNECTIONS = 2_000

/**
 * Objects of a bucket, by the AWS SDK. flydrive's driver was looked at and left: it sends streams without their length,
 * which S3 refuses unless they are cut into parts, and it reads no ranges.
 */
export function createS3Driver({ bucket: Bucket, endpoint, region, credentials }: S3Options): StorageDriver {
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      httpAgent: { maxSockets: MOST_CONNECTIONS },
      httpsAgent: { maxSockets: MOST_CONNECTIONS },
    },
    // Not every server that speaks S3 knows the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })

  const list = async function* (prefix: StorageKey): AsyncIterable<StoredObject> {
    let next: string | undefined
    do {
      const page = await answered(prefix, () =>
        client.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/`, ContinuationToken: next })),
      )
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified ?? new Date(0) }
      }
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (next !== undefined)
  }

  return {
    kind: 's3',
    put: (key, file, received) => withRetries(key, () => putFile(client, Bucket, key, file, received)),
    read: (key, range) =>
      answered(key, async () => {
        const { Body, ContentLength } = await client.send(
          new GetObjectCommand({ Bucket, Key: key, ...rangeOf(range) }),
        )
        if (!(Body instanceof Readable)) throw new TypeError('The object came without a stream')
        if (range !== undefined && ContentLength !== range.last - range.first + 1) {
          Body.destroy()
          throw new RangeError('The server sent other bytes than it was asked for')
        }
        return Body
      }),
    async stat(key) {
      try {
        const found = await answered(key, () => client.send(new HeadObjectCommand({ Bucket, Key: key })))
        return { key, bytes: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) }
      } catch (error) {
        if (error instanceof StorageError && error.failure === 'missing') return null
        throw error
      }
    },
    async delete(key) {
      await answered(key, () => client.send(new DeleteObjectCommand({ Bucket, Key: key })))
    },
    list,
    async deletePrefix(prefix) {
      let keys: string[] = []
      const flush = async (): Promise<void> => {
        const Objects = keys.map((Key) => ({ Key }))
        keys = []
        if (Objects.length === 0) return
        const { Errors: [failed] = [] } = await answered(prefix, () =>
          client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } })),
        )
        // S3 answers 200 all the same.
        if (failed !== undefined) throw new StorageError('unavailable', `${failed.Key}: ${failed.Code}`)
      }
      for await (const { key } of list(prefix)) {
        keys.push(key)
        if (keys.length === MOST_KEYS) await flush()
      }
      await flush()
    },
    async check() {
      const abortSignal = AbortSignal.timeout(CHECK_MS)
      await answered(Bucket, () => client.send(new HeadBucketCommand({ Bucket }), { abortSignal }))
    },
    async close() {
      client.destroy()
    },
  }
}

/** S3 deletes so many at once. */
const MOST_KEYS = 1_000

async function putFile(
  client: S3Client,
  Bucket: string,
  key: StorageKey,
  file: string,
  { bytes, sha256 }: ReceivedBytes,
): Promise<void> {
  const Body = createReadStream(file)
  const unreadable = new AbortController()
  // The SDK does not listen: an error that nobody hears ends the process.
  Body.on('error', (error) => unreadable.abort(error))
  try {
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: key,
        Body,
        ContentLength: bytes,
        // Whoever opens the bucket to the world by mistake still serves nothing that a browser would run.
        ContentType: 'application/octet-stream',
        ContentDisposition: 'attachment',
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
      }),
      { abortSignal: unreadable.signal },
    )
  } catch (error) {
    throw Body.errored ?? error
  } finally {
    Body.destroy()
  }
}

/** The SDK does not repeat a request whose body is a stream; from a file it can begin again. */
async function withRetries(key: StorageKey, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answered(key, work)
    } catch (error) {
      if (attempt >= TRIES) throw error
    }
  }
}

function rangeOf(range: ByteRange | undefined): { Range?: string } {
  return range === undefined ? {} : { Range: `bytes=${range.first}-${range.last}` }
}

async function answered<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const missing = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404
    // A bucket that is not there is no missing object.
    if (missing && error.name !== 'NoSuchBucket') {
      throw new StorageError('missing', `${what}: there is no such object`, error)
    }
    throw new StorageError('unavailable', `${what}: S3 did not do it`, error)
  }
}
