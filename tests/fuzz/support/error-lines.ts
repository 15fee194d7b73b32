import type { Logger } from '../../../server/src/platform/logger.ts'
import { currentContext } from '../../../server/src/platform/request-context.ts'

/** A line that the server wrote to its log as an error. */
export interface ErrorLine {
  readonly text: string
  /** The request it was written for: its `X-Request-Id`. */
  readonly traceId: string | undefined
}

/** A logger that keeps what is written as an error, and nothing else. */
export function collectErrors(): { readonly logger: Logger; readonly lines: ErrorLine[] } {
  const lines: ErrorLine[] = []
  const nothing = () => undefined
  return {
    lines,
    logger: {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error(message, fields) {
        const text = `${message} ${JSON.stringify(fields)?.slice(0, 600) ?? ''}`
        lines.push({ text, traceId: currentContext()?.traceId })
      },
    },
  }
}
