/** An answer had more bytes than it may. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'

  constructor(maxBytes: number) {
    super(`More than ${maxBytes} bytes came`)
  }
}

/** The same answer, whose body fails with a `BodyTooLargeError` when there are more than `maxBytes`, unpacked. */
export function limitBody(response: Response, maxBytes: number): Response {
  if (response.body === null) return response
  let bytes = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      bytes += piece.byteLength
      if (bytes > maxBytes) throw new BodyTooLargeError(maxBytes)
      controller.enqueue(piece)
    },
  })
  return new Response(response.body.pipeThrough(counted), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  })
}
