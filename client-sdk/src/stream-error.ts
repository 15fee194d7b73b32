/**
 * The server's error in the body of a refused stream: the data of tRPC's `serialized-error` event, or `error` of a
 * JSON body. Undefined when there is none.
 */
export function errorInStream(body: string): unknown {
  const event = /(?:^|\n)event: serialized-error\r?\ndata: ([^\n]*)/.exec(body)
  try {
    const parsed: unknown = JSON.parse(event?.[1] ?? body)
    if (event !== null) return parsed
    return typeof parsed === 'object' && parsed !== null && 'error' in parsed ? parsed.error : undefined
  } catch {
    return undefined
  }
}
