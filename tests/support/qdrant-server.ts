import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

/** A server that speaks as much of Qdrant's REST interface as the store uses; `await using` ends it. */
export interface QdrantServer extends AsyncDisposable {
  readonly url: string
  readonly apiKey: string
  /** Every request that came, as `PUT /collections/{name}/points`. */
  readonly requests: ReadonlySet<string>
}

interface Collection {
  readonly size: number
  readonly points: Map<string, readonly number[]>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const vector = z.array(z.number())
const uuid = z.uuid()
const bodies = {
  create: z.strictObject({
    vectors: z.strictObject({ size: z.int().min(1), distance: z.literal('Cosine') }),
  }),
  upsert: z.strictObject({
    points: z.array(z.strictObject({ id: uuid, vector, payload: z.record(z.string(), z.string()) })).min(1),
  }),
  remove: z.strictObject({ points: z.array(uuid).min(1) }),
  query: z.object({ query: vector, limit: z.int().min(1), with_payload: z.literal(false) }),
  count: z.object({ exact: z.literal(true) }),
}

/**
 * Starts it. Written from Qdrant's documented interface, because no Qdrant can be run where the tests run; that it is
 * understood by Qdrant's official client is tested too.
 */
export async function startQdrant(): Promise<QdrantServer> {
  const apiKey = 'qdrant-test-key'
  const collections = new Map<string, Collection>()
  const requests = new Set<string>()
  const server = createServer((request, response) => {
    void answerTo(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server got no port')

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    if (request.headers['api-key'] !== apiKey) return refusal(403, 'Invalid API key or JWT')
    const { pathname } = new URL(request.url ?? '/', 'http://qdrant.test')
    const body = await text(request)
    const [, first, name = '', ...rest] = pathname.split('/')
    const what = `${request.method} /${first}${name === '' ? '' : '/{name}'}${rest.map((part) => `/${part}`).join('')}`
    requests.add(what)
    try {
      return handle(what, name, body === '' ? undefined : JSON.parse(body))
    } catch (error) {
      return refusal(400, `Format error in JSON body: ${String(error)}`)
    }
  }

  function handle(what: string, name: string, body: unknown): Answer {
    if (what === 'GET /')
      return { status: 200, body: { title: 'qdrant - vector search engine', version: '1.17.0' } }
    if (what === 'GET /collections') {
      return success({ collections: [...collections.keys()].map((each) => ({ name: each })) })
    }
    if (what === 'PUT /collections/{name}') {
      const { vectors } = bodies.create.parse(body)
      if (collections.has(name)) return refusal(409, `Wrong input: Collection \`${name}\` already exists!`)
      collections.set(name, { size: vectors.size, points: new Map() })
      return success(true)
    }
    if (what === 'DELETE /collections/{name}') return success(collections.delete(name))
    const collection = collections.get(name)
    if (collection === undefined) return refusal(404, `Not found: Collection \`${name}\` doesn't exist!`)
    return inCollection(what, collection, body)
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    apiKey,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function inCollection(what: string, { size, points }: Collection, body: unknown): Answer {
  if (what === 'PUT /collections/{name}/points') {
    const given = bodies.upsert.parse(body).points
    const wrong = given.find((point) => point.vector.length !== size)
    if (wrong !== undefined) return wrongLength(size, wrong.vector.length)
    for (const point of given) points.set(point.id, point.vector)
    return success({ operation_id: 0, status: 'completed' })
  }
  if (what === 'POST /collections/{name}/points/delete') {
    for (const id of bodies.remove.parse(body).points) points.delete(id)
    return success({ operation_id: 0, status: 'completed' })
  }
  if (what === 'POST /collections/{name}/points/count') {
    bodies.count.parse(body)
    return success({ count: points.size })
  }
  if (what === 'POST /collections/{name}/points/query') {
    const { query, limit } = bodies.query.parse(body)
    if (query.length !== size) return wrongLength(size, query.length)
    const found = [...points].map(([id, each]) => ({ id, version: 0, score: cosine(query, each) }))
    return success({ points: found.sort((a, b) => b.score - a.score).slice(0, limit) })
  }
  return refusal(404, '')
}

function success(result: unknown): Answer {
  return { status: 200, body: { result, status: 'ok', time: 0.000_1 } }
}

function refusal(status: number, error: string): Answer {
  return { status, body: { status: { error }, time: 0.000_1 } }
}

function wrongLength(expected: number, got: number): Answer {
  return refusal(400, `Wrong input: Vector dimension error: expected dim: ${expected}, got ${got}`)
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const product = a.reduce((sum, number, index) => sum + number * (b[index] ?? 0), 0)
  return product / (Math.hypot(...a) * Math.hypot(...b))
}
