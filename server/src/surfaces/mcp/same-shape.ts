import { errorData } from '../../contract/error-shape.ts'
import { type ErrorCode, fail } from '../../contract/errors.ts'

const codeOf: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
}

/**
 * The library's response, in the shape of ours: a refusal says in `data` what every refusal of this server says, beside
 * what the protocol wants there; and the head of a stream waits for the first thing to stream, so that until then the
 * request counts as one that is worked on, and its limits stand in the head.
 */
export async function sameShape(response: Response): Promise<Response> {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) return withFirstChunk(response)
  if (response.status < 400 || !type.startsWith('application/json')) return response
  const body: unknown = await response.json()
  return Response.json(withData(body, response.status), {
    status: response.status,
    headers: response.headers,
  })
}

function withData(body: unknown, status: number): unknown {
  if (!isRecord(body) || !isRecord(body.error)) return body
  const data = errorData(fail(codeOf[status] ?? 'INTERNAL_SERVER_ERROR'), undefined)
  const theirs = isRecord(body.error.data) ? body.error.data : {}
  return { ...body, error: { ...body.error, data: { ...data, ...theirs } } }
}

async function withFirstChunk(response: Response): Promise<Response> {
  const reader = response.body?.getReader()
  if (reader === undefined) return response
  let first: Awaited<ReturnType<typeof reader.read>> | undefined = await reader.read()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = first ?? (await reader.read())
      first = undefined
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return new Response(body, { status: response.status, headers: response.headers })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
