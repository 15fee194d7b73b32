import { describeIssues } from '../../../server/src/contract/pipeline/validate.ts'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { REST_BASE, type RestRoute } from '../../../server/src/surfaces/rest/route.ts'
import { restRoutes } from '../../../server/src/surfaces/rest/route-table.ts'
import { field } from '../http.ts'
import { expectDone, expectProblem, type RestAnswer, rest } from '../rest.ts'
import { openEventStream } from '../sse.ts'
import { headersOf, refusalOf } from './outcome.ts'
import { refusedStream } from './refused-stream.ts'
import type { CallAs, Outcome, Surface } from './surface.ts'

/** Plain HTTP, every field where the table of routes puts it. */
export function restSurface(baseUrl: string, registry: readonly RegistryEntry[]): Surface {
  const routes = new Map(restRoutes(registry).map((route) => [route.entry.path, route]))
  const routeOf = ({ path }: RegistryEntry): RestRoute => {
    const route = routes.get(path)
    if (route === undefined) throw new Error(`${path} is no operation`)
    return route
  }
  return {
    name: 'rest',
    recordedAs: 'rest',
    serves: ({ path }) => routes.has(path),
    async call(entry, input, as) {
      const route = routeOf(entry)
      const { operation, headers, body, beside } = requestOf(route, input)
      const answer = await rest(baseUrl, operation, { headers: { ...headersOf(as), ...headers }, ...body })
      return outcomeOf(route, answer, beside)
    },
    async watch(entry, input, as, lastEventId) {
      const route = routeOf(entry)
      const { operation } = requestOf(route, input)
      const stream = await openEventStream(`${baseUrl}${REST_BASE}${operation.slice('GET '.length)}`, {
        headers: headersOf(as),
        ...(lastEventId === undefined ? {} : { lastEventId }),
      })
      if (stream.status !== 200) throw refusedStream(await refusalIn(baseUrl, route, operation, as))
      return {
        get events() {
          return stream.events().map(({ id = '', data }) => ({ id, data }))
        },
        async [Symbol.asyncDispose]() {
          stream[Symbol.dispose]()
        },
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Asked again without waiting for events, to be read as a whole. */
async function refusalIn(baseUrl: string, route: RestRoute, operation: string, as: CallAs): Promise<Outcome> {
  return outcomeOf(route, await rest(baseUrl, operation, { headers: headersOf(as) }), [])
}

interface Request {
  readonly operation: string
  /** The fields that stand in the path or the query string. */
  readonly beside: readonly string[]
  readonly headers: Record<string, string>
  readonly body: { readonly json?: unknown; readonly body?: FormData }
}

function requestOf(route: RestRoute, input: unknown): Request {
  const fields = new Map<string, unknown>(Object.entries(input ?? {}))
  const take = (name: string): unknown => {
    const value = fields.get(name)
    fields.delete(name)
    return value
  }
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(take(name))),
  )
  const version = route.versioned ? take('version') : undefined
  const inBody = new Map<string, unknown>()
  const known = route.body === 'none' ? [] : [...fields.keys()]
  for (const name of known.filter((one) => route.body !== 'data' || one === 'data'))
    inBody.set(name, take(name))
  const search = new URLSearchParams([...fields].flatMap(([name, value]) => inQuery(name, value)))
  return {
    beside: [...route.pathFields, ...fields.keys()],
    operation: `${route.method} ${path}${search.size === 0 ? '' : `?${search}`}`,
    headers: version === undefined ? {} : { 'if-match': `"${version}"` },
    body: bodyOf(route, inBody),
  }
}

function inQuery(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item) => inQuery(name, item))
  return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
}

function bodyOf({ body }: RestRoute, fields: ReadonlyMap<string, unknown>): Request['body'] {
  if (body === 'none') return {}
  if (body === 'data') return { json: fields.get('data') }
  if (body === 'fields') return { json: Object.fromEntries(fields) }
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value instanceof File ? value : String(value))
  return { body: form }
}

function outcomeOf(route: RestRoute, answer: RestAnswer, beside: readonly string[]): Outcome {
  const refused = answer.status >= 400
  return {
    status: answer.status,
    // What says only that it is done needs no body.
    data: refused ? undefined : answer.status === 204 ? { ok: true } : answer.body,
    error: refused ? inFieldsOfInput(route, answer.body, beside) : undefined,
    traceId: answer.headers.get('x-request-id') ?? undefined,
    replayed: answer.headers.get('idempotency-replayed') === 'true',
    text: answer.text,
    requireClean() {
      if (refused) expectProblem(answer, answer.status)
      else expectDone(answer, route.status, { tokens: true })
    },
  }
}

/** REST names fields as its callers write them; what they are in the input makes refusals comparable. */
function inFieldsOfInput(route: RestRoute, problem: unknown, beside: readonly string[]): Outcome['error'] {
  const refusal = refusalOf(problem, field(problem, 'detail'))
  const name = (given: string): string => {
    if (given === 'If-Match') return 'version'
    if (route.body !== 'data' || beside.includes(given)) return given
    return given === '' ? 'data' : `data.${given}`
  }
  const shown = refusal.issues.map((issue) => ({ ...Object(issue), field: String(field(issue, 'field')) }))
  const issues = shown.map((issue) => ({ ...issue, field: name(issue.field) }))
  const isListed = refusal.message === describeIssues(shown)
  return { ...refusal, issues, message: isListed ? describeIssues(issues) : refusal.message }
}
