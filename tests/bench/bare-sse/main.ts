import { createServer, type ServerResponse } from 'node:http'

/** What Plinth is compared with: the least that serves events. `GET /events` opens a stream, `POST /say` goes to all. */
const open = new Set<ServerResponse>()

const server = createServer((req, res) => {
  if (req.method === 'POST') {
    let text = ''
    req.setEncoding('utf8')
    req.on('data', (chunk: string) => {
      text += chunk
    })
    req.on('end', () => {
      const event = Buffer.from(`data: ${text}\n\n`)
      for (const stream of open) stream.write(event)
      res.end()
    })
  } else if (req.url === '/events') {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    res.write('event: connected\ndata: \n\n')
    open.add(res)
    res.once('close', () => open.delete(res))
  } else res.end()
})
setInterval(() => {
  for (const stream of open) stream.write('event: ping\ndata: \n\n')
}, 15_000).unref()
server.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})
