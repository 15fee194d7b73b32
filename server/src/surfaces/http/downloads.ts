import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { create as contentDisposition } from 'content-disposition'
import { type Request, type Response, Router } from 'express'
import parseRange from 'range-parser'
import type { CallContext, ContractRuntime } from '../../contract/call-context.ts'
import { fail } from '../../contract/errors.ts'
import { authorise } from '../../contract/pipeline/authorise.ts'
import { limit } from '../../contract/pipeline/limit.ts'
import { observe } from '../../contract/pipeline/observe.ts'
import type { QueryPolicy } from '../../contract/policy.ts'
import { Id } from '../../contract/schemas.ts'
import { createStreamSlots } from '../../contract/stream-slots.ts'
import type { Downloads, StoredFile } from '../../modules/files/index.ts'
import type { ByteRange } from '../../platform/storage/index.ts'
import { answerError } from './answer-error.ts'
import { isKnown } from './entity-tag.ts'
import { handle } from './request.ts'

/** What the route needs. */
export interface DownloadOptions {
  readonly runtime: ContractRuntime
  readonly downloads: Downloads
  /** Reads who calls from a request. */
  readonly contextOf: (req: Request, res: Response) => CallContext
  /** How many may run at once. */
  readonly maxDownloads: number
}

/** One user gets this part of all downloads at once, and an address twice as much: slow readers keep nobody else out. */
const USER_SHARE = 5

/** The rules of `GET /files/<id>`, as of every procedure. */
const downloadPolicy: QueryPolicy = {
  access: { who: 'member', min: 'viewer' },
  scope: 'files:read',
  limit: 'read',
}

/** What a browser runs or shows as a page leaves as bytes without a meaning. */
const ACTIVE = /html|svg|xml|javascript|ecmascript|pdf/

/** `GET /files/<id>`, with a token or API key, or with the `link` of `files.link`. */
export function downloadRoutes(options: DownloadOptions): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  const perUser = Math.ceil(options.maxDownloads / USER_SHARE)
  const caps = { perUser, perAddress: 2 * perUser, perProcess: options.maxDownloads }
  const slots = createStreamSlots(caps, 'downloads')
  routes.all(
    '/:id',
    handle(async (req, res) => {
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.setHeader('Allow', 'GET, HEAD')
        answerError(res, fail('METHOD_NOT_SUPPORTED'))
        return
      }
      const context = options.contextOf(req, res)
      const input = () => ({ id: req.params.id })
      await observe({ context, path: 'files.download', type: 'download', input }, async () => {
        const file = await allowed(options, context, req)
        const { actor: userId, ip } = context.request
        const release = slots.take({ userId, ip })
        try {
          await serve(options.downloads, file, req, res)
        } finally {
          release()
        }
      })
    }),
  )
  return routes
}

/** The file, if whoever calls may read it. @throws UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY_REQUESTS */
async function allowed(
  { downloads }: DownloadOptions,
  context: CallContext,
  req: Request,
): Promise<StoredFile> {
  const parsed = Id.safeParse(req.params.id)
  const { link } = req.query
  if (typeof link !== 'string') {
    const actor = await authorise(downloadPolicy, context)
    await limit(downloadPolicy, actor, context)
    if (actor === null) throw fail('UNAUTHORIZED')
    if (!parsed.success) throw fail('NOT_FOUND')
    return await downloads.find(actor, parsed.data)
  }
  const id = parsed.data ?? ''
  // A link that we made is its user's; made-up ones count against the address.
  const userId = downloads.userOfLink(id, link)
  await limit(downloadPolicy, userId === null ? null : { userId }, context)
  if (userId !== null) context.request.actor = userId
  return await downloads.findLinked(id, link)
}

async function serve(downloads: Downloads, file: StoredFile, req: Request, res: Response): Promise<void> {
  const etag = `"${file.sha256}"`
  const range = rangeOf(file, req, etag)
  const unchanged = isKnown(req, etag)
  const wanted = req.method === 'GET' && !unchanged && range !== 'unsatisfiable' && file.bytes > 0
  // First of all: an answer that has begun cannot say any more that the storage is away.
  const bytes = wanted ? await downloads.read(file, range) : undefined
  describe(file, res)
  res.setHeader('ETag', etag)
  if (unchanged) res.status(304)
  else if (range === 'unsatisfiable') res.status(416).setHeader('Content-Range', `bytes */${file.bytes}`)
  else if (range === undefined) res.setHeader('Content-Length', file.bytes)
  else {
    res.status(206).setHeader('Content-Range', `bytes ${range.first}-${range.last}/${file.bytes}`)
    res.setHeader('Content-Length', range.last - range.first + 1)
  }
  if (bytes === undefined) res.end()
  else await send(bytes, res)
}

/** Ends with the connection when the caller goes away or the storage does; the length tells the caller. */
async function send(bytes: Readable, res: Response): Promise<void> {
  try {
    await pipeline(bytes, res)
  } catch (cause) {
    throw fail(bytes.errored === null ? 'CLIENT_CLOSED_REQUEST' : 'SERVICE_UNAVAILABLE', { cause })
  }
}

/** Inert whatever it is: saved, not shown; not sniffed; and if shown all the same, in a sandbox. */
function describe(file: StoredFile, res: Response): void {
  res.setHeader('Content-Type', ACTIVE.test(file.type) ? 'application/octet-stream' : file.type)
  res.setHeader('Content-Disposition', contentDisposition(file.name, { type: 'attachment' }))
  res.setHeader('Accept-Ranges', 'bytes')
  res.setHeader('Cache-Control', 'private, no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Content-Security-Policy', "sandbox; default-src 'none'")
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
}

/** One range; whoever asks for several, or for what makes no sense, gets everything (RFC 9110 §14.2). */
function rangeOf(file: StoredFile, req: Request, etag: string): ByteRange | 'unsatisfiable' | undefined {
  const header = req.get('range')
  const ifRange = req.get('if-range')
  if (req.method !== 'GET' || header === undefined || (ifRange !== undefined && ifRange !== etag))
    return undefined
  const ranges = parseRange(file.bytes, header)
  if (ranges === -1) return 'unsatisfiable'
  if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined
  const [only] = ranges
  return only === undefined ? undefined : { first: only.start, last: only.end }
}
