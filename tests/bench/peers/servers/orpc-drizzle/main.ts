import { createServer } from 'node:http'
import { RPCHandler } from '@orpc/server/node'
import { BatchHandlerPlugin } from '@orpc/server/plugins'
import { router } from './router.ts'

const handler = new RPCHandler(router, { plugins: [new BatchHandlerPlugin()] })

const server = createServer(async (req, res) => {
  const { matched } = await handler.handle(req, res, { prefix: '/rpc', context: { headers: req.headers } })
  if (!matched) {
    res.statusCode = req.url === '/health' ? 200 : 404
    res.end()
  }
})
server.listen(Number(process.env.PORT), '127.0.0.1')
