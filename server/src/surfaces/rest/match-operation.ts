import { createRequire } from 'node:module'
import { once } from '../../contract/once.ts'
import type { RestMethod, RestRoute } from './route.ts'

const require = createRequire(import.meta.url)

/** A request that is an operation. */
export interface MatchedOperation<T> {
  readonly operation: T
  /** The path's fields, decoded. */
  readonly fields: Readonly<Record<string, string>>
}

/** Finds what a request asks for. */
export interface OperationMatcher<T> {
  /** Undefined where nothing is. `HEAD` is to be asked for as `GET`. */
  find(method: string, path: string): MatchedOperation<T> | undefined
  /** The methods that there are at `path`, which {@link find} did not find with another. */
  methodsAt(path: string): RestMethod[]
}

const METHODS: readonly RestMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
/** Segments that are not empty, of what may stand in a path (RFC 3986, §3.3), with encodings that are whole. */
const PATH = /^(?:\/(?:[\w\-.~!$&'()*+,;=:@]|%[\dA-Fa-f]{2})+)+$/
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/
/** Decoded, these would make one segment into several, or into one that is not there. */
const NOT_IN_A_FIELD = /[/\\\p{Cc}]|^\.{1,2}$/u
const MAX_FIELD_LENGTH = 1_000

/**
 * Matches methods and paths, static segments before fields. Every operation has one spelling: as it is written, without
 * doubled or trailing slashes, its static parts not encoded. The router is loaded and filled by the first request: 30
 * modules and all operations, 25 ms of every start.
 */
export function operationMatcher<T>(
  operations: readonly { readonly route: Pick<RestRoute, 'method' | 'path'>; readonly operation: T }[],
): OperationMatcher<T> {
  const byHandler = new Map<unknown, T>()
  const filled = once(() => {
    const createRouter: typeof import('find-my-way') = require('find-my-way')
    const router = createRouter({ caseSensitive: true, maxParamLength: MAX_FIELD_LENGTH })
    for (const { route, operation } of operations) {
      const handler = (): void => undefined
      byHandler.set(handler, operation)
      router.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), handler)
    }
    return router
  })
  const find = (method: RestMethod, path: string): MatchedOperation<T> | undefined => {
    // Decoded here and not by the router, which would also read `/%74asks` as `/tasks`.
    const found = filled().find(method, path.includes('%') ? path.replaceAll('%', '%25') : path)
    const operation = found === null ? undefined : byHandler.get(found.handler)
    if (found === null || operation === undefined) return undefined
    const fields = decoded(found.params)
    return fields === undefined ? undefined : { operation, fields }
  }
  return {
    find(method, path) {
      const asked = METHODS.find((known) => known === method)
      return asked !== undefined && isSpelledRight(path) ? find(asked, path) : undefined
    },
    methodsAt: (path) =>
      isSpelledRight(path) ? METHODS.filter((method) => find(method, path) !== undefined) : [],
  }
}

function isSpelledRight(path: string): boolean {
  return PATH.test(path) && !DOT_SEGMENT.test(path)
}

function decoded(params: Readonly<Record<string, string | undefined>>): Record<string, string> | undefined {
  const fields: Record<string, string> = {}
  for (const name in params) {
    const text = decodedField(params[name] ?? '')
    if (text === undefined) return undefined
    fields[name] = text
  }
  return fields
}

function decodedField(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    const plain = decodeURIComponent(text)
    return NOT_IN_A_FIELD.test(plain) ? undefined : plain
  } catch {
    return undefined
  }
}
