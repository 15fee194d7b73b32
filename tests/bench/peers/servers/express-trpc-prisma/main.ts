import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express from 'express'
import { appRouter } from './router.ts'
import { createContext } from './trpc.ts'

const app = express()
app.use('/trpc', createExpressMiddleware({ router: appRouter, createContext }))
app.get('/health', (_req, res) => void res.json({ ok: true }))
app.listen(Number(process.env.PORT), '127.0.0.1')
