import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { RequestHandler } from 'express'

/** A middleware that needs nothing of Express. */
export type Step = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

type Header = readonly [name: string, value: number | string | readonly string[]]

/**
 * Sets the headers that `steps` set on every answer, depending on nothing but the origin. They are asked once for each
 * of `origins` and for all others, and not a dozen functions for each request.
 */
export function fixedHeaders(steps: readonly Step[], origins: readonly string[]): RequestHandler {
  const usual = headersOf(steps, undefined)
  const byOrigin = new Map<string | undefined, readonly Header[]>()
  for (const origin of origins) byOrigin.set(origin, headersOf(steps, origin))
  return (req, res, next) => {
    const { origin } = req.headers
    const headers = (origin === undefined ? undefined : byOrigin.get(origin)) ?? usual
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}

function headersOf(steps: readonly Step[], origin: string | undefined): Header[] {
  const req = new IncomingMessage(new Socket())
  req.method = 'GET'
  if (origin !== undefined) req.headers.origin = origin
  const res = new Recorded(req)
  for (const step of steps) step(req, res, () => undefined)
  return [...res.spelled].flatMap(([name, spelled]) => {
    const value = res.getHeader(name)
    return value === undefined ? [] : [[spelled, value] as const]
  })
}

/** Knows how its headers were spelled; Node tells only in lower case. */
class Recorded extends ServerResponse {
  readonly spelled = new Map<string, string>()

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.spelled.set(name.toLowerCase(), name)
    return super.setHeader(name, value)
  }
}
