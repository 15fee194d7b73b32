import { createServer, type IncomingMessage } from 'node:http'
import { z } from 'zod'
import { HttpError } from './http-error.ts'
import { type Answer, type Call, findRoute } from './routes.ts'

/** The floor: `node:http` and `pg` by hand. */
const server = createServer(async (req, res) => {
  try {
    const answer = await answerOf(req)
    if (answer.stream !== undefined) {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      res.write('event: connected\ndata:\n\n')
      answer.stream(res)
      return
    }
    const text = JSON.stringify(answer.body)
    res.writeHead(answer.status ?? 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    res.end(text)
  } catch (error) {
    const status = error instanceof HttpError ? error.status : error instanceof z.ZodError ? 400 : 500
    res.writeHead(status).end()
  }
})

async function answerOf(req: IncomingMessage): Promise<Answer> {
  const url = new URL(req.url ?? '/', 'http://localhost')
  const route = findRoute(req.method ?? 'GET', url.pathname)
  if (route === undefined) throw new HttpError(404)
  const call: Call = {
    id: route.id,
    token: req.headers.authorization?.replace('Bearer ', ''),
    search: Object.fromEntries(url.searchParams),
    body: req.method === 'POST' ? await readJson(req) : undefined,
  }
  return await route.run(call)
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new HttpError(400)
  }
}

server.listen(Number(process.env.PORT), '127.0.0.1')
