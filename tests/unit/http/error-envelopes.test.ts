import { createServer } from 'node:http'
import express, { type Express } from 'express'
import { expect, it } from 'vitest'
import { notFound } from '../../../server/src/surfaces/http/answer-error.ts'
import { shedLoad } from '../../../server/src/surfaces/http/shed-load.ts'
import { surfaceOf } from '../../../server/src/surfaces/http/surface-of.ts'
import { field } from '../../support/http.ts'

async function listen(app: Express) {
  const server = createServer(app)
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(Number(Object(server.address()).port)))
  })
  return {
    async get(path: string, headers: Record<string, string> = {}) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
      const body: unknown = await response.json()
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        headers: response.headers,
        body,
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('refuses what there is no time for in the envelope of its surface', async () => {
  const app = express()
  const busy = { isBusy: () => true, enter: () => undefined, noteRefusal() {}, refused: () => 1, close() {} }
  app.use(shedLoad(busy, [], { warn() {} }).refuseEarly)
  await using server = await listen(app)
  const rest = await server.get('/api/v1/tasks/1', { 'x-request-id': 'mine' })
  expect(rest).toMatchObject({
    status: 503,
    type: 'application/problem+json',
    body: {
      type: 'urn:plinth:error:OVERLOADED',
      status: 503,
      instance: 'urn:plinth:request:mine',
      code: 'SERVICE_UNAVAILABLE',
      reason: 'OVERLOADED',
      retryable: true,
      traceId: 'mine',
    },
  })
  expect(Number(rest.headers.get('retry-after'))).toBeGreaterThan(0)
  const trpc = await server.get('/trpc/tasks.get', { 'x-request-id': 'mine' })
  expect([trpc.status, trpc.type]).toEqual([503, 'application/json; charset=utf-8'])
  expect(field(field(trpc.body, 'error'), 'data')).toMatchObject({ reason: 'OVERLOADED', requestId: 'mine' })
})

it('tells the surface by the whole address, wherever it is asked', async () => {
  const app = express()
  app.use(['/api', '/mcp', '/trpc'], (req, res, next) => {
    if (req.query.missing === undefined) res.json({ surface: surfaceOf(req) })
    else next()
  })
  app.use(notFound())
  await using server = await listen(app)
  const surface = async (path: string, headers?: Record<string, string>) =>
    field((await server.get(path, headers)).body, 'surface')
  expect(await surface('/api/v1/tasks')).toBe('rest')
  expect(await surface('/mcp')).toBe('mcp')
  expect(await surface('/mcp?x=1')).toBe('mcp')
  expect(await surface('/mcp/x')).toBe('mcp')
  expect(await surface('/trpc/tasks.get')).toBe('trpc')
  expect(await surface('/trpc/tasks.get', { 'x-plinth-surface': 'cli' })).toBe('cli')
  expect(await surface('/trpc/tasks.get', { 'x-plinth-surface': 'job' })).toBe('trpc')
  expect((await server.get('/api/x?missing')).type).toBe('application/problem+json')
  expect((await server.get('/nothing')).type).toBe('application/json; charset=utf-8')
})
