import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastify from 'fastify'

/** Fastify with what Plinth does for every call: a log line, a request id, headers, CORS, a limit for each address. */
const app = fastify({ logger: true, trustProxy: '127.0.0.1', requestIdHeader: 'x-request-id' })
await app.register(helmet)
await app.register(cors, { origin: ['http://localhost:5173'], credentials: true })
await app.register(rateLimit, { max: 600, timeWindow: '10 seconds', enableDraftSpec: true })
app.addHook('onSend', async (request, reply) => {
  reply.header('x-request-id', request.id)
})

const schema = {
  response: { 200: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } },
} as const
app.get('/ping', { schema }, async () => ({ ok: true }))

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
