import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express from 'express'
import { appRouter } from './router.ts'
import { createContext } from './trpc.ts'

/** What Plinth is compared with: Express, tRPC and Prisma put together as their guides do. No log, no limits. */
const app = express()
app.use('/trpc', createExpressMiddleware({ router: appRouter, createContext }))
app.get('/health', (_req, res) => void res.json({ ok: true }))
const server = app.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})
