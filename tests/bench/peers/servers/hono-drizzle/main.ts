import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { auth } from './auth.ts'
import { events } from './events.ts'
import { tasks } from './tasks.ts'
import { users } from './users.ts'

const app = new Hono()
  .get('/ping', (c) => c.json({ ok: true }))
  .route('/', users)
  .use('/*', auth)
  .route('/', tasks)
  .route('/', events)

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
