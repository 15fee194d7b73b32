import type { CallLimiter } from '../../../server/src/contract/call-context.ts'
import type { LogFields, Logger } from '../../../server/src/platform/logger.ts'
import { currentContext } from '../../../server/src/platform/request-context.ts'
import type { TestServer } from '../server.ts'

/** A point taken from a limit. */
interface Point {
  readonly limit: string
  readonly caller: string
}

/** What a server says and counts about each call, by its trace id. */
export interface Recorder {
  readonly logger: Logger
  /** Counts the calls of `server` from now on instead of limiting them. */
  attach(server: TestServer): void
  pointsOf(traceId: string): readonly Point[]
  linesOf(traceId: string): readonly LogFields[]
}

/** Stands where the log and the limits are. */
export function createRecorder(): Recorder {
  const points = new Map<string, Point[]>()
  const lines = new Map<string, LogFields[]>()
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const { traceId = currentContext()?.traceId } = fields
      if (typeof traceId === 'string') push(lines, traceId, { level, message, ...fields })
    }
  const free = { allowed: true, limit: 1_000, remaining: 999, resetMs: 1_000 }
  const limiter: CallLimiter = {
    async take(limit, caller) {
      push(points, currentContext()?.traceId ?? 'none', { limit, caller })
      return free
    },
    peek: async () => free,
  }
  return {
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    attach: (server) => Object.assign(server.app.runtime, { limiter }),
    pointsOf: (traceId) => points.get(traceId) ?? [],
    linesOf: (traceId) => lines.get(traceId) ?? [],
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
