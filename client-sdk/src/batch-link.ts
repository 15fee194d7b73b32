import type { OperationLink, TRPCLink } from '@trpc/client'
import { httpBatchLink } from '@trpc/client/links/httpBatchLink'
import type { AppRouter } from './generated/router.ts'

/** A client seldom has more than an old and a new token in use. */
const MAX_TOKENS = 4

type BatchLink = TRPCLink<AppRouter>

/** Batches calls of one moment, those with the same token together: a batch has one set of headers. */
export function batchPerToken(
  options: Parameters<typeof httpBatchLink<AppRouter>>[0],
  tokenOf: (context: Record<string, unknown>) => string | undefined,
): BatchLink {
  return (runtime) => {
    const links = new Map<string | undefined, OperationLink<AppRouter>>()
    return (call) => {
      const token = tokenOf(call.op.context)
      const link = links.get(token) ?? httpBatchLink<AppRouter>(options)(runtime)
      links.delete(token)
      links.set(token, link)
      if (links.size > MAX_TOKENS) links.delete(links.keys().next().value)
      return link(call)
    }
  }
}
