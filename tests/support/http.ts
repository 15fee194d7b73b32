/** An answer as a black-box test sees it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
  /** `result.data`, or undefined. */
  readonly data: unknown
  /** `error.data`, or undefined. */
  readonly error: ErrorBody | undefined
}

/** The `error.data` of a failed answer. */
export interface ErrorBody {
  readonly code: string
  readonly httpStatus: number
  readonly reason?: string
  readonly issues: readonly { readonly field: string; readonly message: string; readonly value?: unknown }[]
  readonly traceId: string
  readonly message: string
}

/** How a test calls beside path and input. */
export interface CallOptions {
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** `GET /trpc/<path>?input=…` */
export function query(
  baseUrl: string,
  path: string,
  input?: unknown,
  options: CallOptions = {},
): Promise<Answer> {
  const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  return send(`${baseUrl}/trpc/${path}${search}`, { headers: headersOf(options), ...signalOf(options) })
}

/** `POST /trpc/<path>`; an input with a `File` in it travels as a form, its fields in the order given. */
export function mutate(
  baseUrl: string,
  path: string,
  input?: unknown,
  options: CallOptions = {},
): Promise<Answer> {
  const form = formOf(input)
  return send(`${baseUrl}/trpc/${path}`, {
    method: 'POST',
    headers: {
      ...(form === undefined ? { 'content-type': 'application/json' } : {}),
      ...headersOf(options),
    },
    ...(input === undefined ? {} : { body: form ?? JSON.stringify(input) }),
    ...signalOf(options),
  })
}

function formOf(input: unknown): FormData | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  const fields = Object.entries(input)
  if (!fields.some(([, value]) => value instanceof File)) return undefined
  const form = new FormData()
  for (const [name, value] of fields) {
    if (value instanceof File) form.append(name, value)
    else if (value !== undefined) form.append(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return form
}

/** Any request, read to its end. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  const body = parse(text)
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    data: field(field(body, 'result'), 'data'),
    error: errorOf(body),
  }
}

/** `value[name]`, or undefined when `value` is no object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function errorOf(body: unknown): ErrorBody | undefined {
  const error = field(body, 'error')
  const data = field(error, 'data')
  if (typeof data !== 'object' || data === null) return undefined
  return { ...(data as ErrorBody), message: String(field(error, 'message')) }
}

function headersOf({ token, headers }: CallOptions): Record<string, string> {
  return { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers }
}

function signalOf({ signal }: CallOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
