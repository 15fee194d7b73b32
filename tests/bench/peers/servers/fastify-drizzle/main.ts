import jwt from '@fastify/jwt'
import fastify from 'fastify'
import { tasks } from './tasks.ts'
import { users } from './users.ts'

const app = fastify()
await app.register(jwt, { secret: process.env.PEER_SECRET ?? '', sign: { expiresIn: '12h' } })
app.decorateRequest('account', undefined)
await app.register(users)
await app.register(tasks)
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
