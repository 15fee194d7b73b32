import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { until } from './until.ts'

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of a trace. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly failed: boolean
  /** The spans it is linked to, as trace id and span id. */
  readonly links: readonly (readonly [string, string])[]
  readonly startNs: bigint
  readonly endNs: bigint
}

/** A collector that keeps what it is sent. `await using` stops it. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  /** Names of the metrics received so far. */
  readonly metrics: ReadonlySet<string>
  /** Attributes of the resource, as last sent. */
  resource(): Readonly<Record<string, unknown>>
  /** Headers of the last request. */
  headers(): IncomingMessage['headers']
  /** Everything that was sent, as text. */
  text(): string
  /** Takes requests and never answers, until told `false`. */
  hold(silent: boolean): void
  /** Waits for a span; answers the newest that fits. */
  span(what: string, fits: (span: ReceivedSpan) => boolean, withinMs?: number): Promise<ReceivedSpan>
  childrenOf(span: ReceivedSpan): readonly ReceivedSpan[]
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']

/** The parts of OTLP/JSON that tests read (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
const value = z.record(z.string(), z.unknown()).transform((one) => Object.values(one)[0])
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((one) => [one.key, one.value])))
const ids = { traceId: z.string().regex(/^[\da-f]{32}$/), spanId: z.string().regex(/^[\da-f]{16}$/) }
const span = z
  .object({
    ...ids,
    parentSpanId: z.string().default(''),
    name: z.string(),
    kind: z.int().transform((kind) => KINDS[kind] ?? String(kind)),
    startTimeUnixNano: z.string().transform(BigInt),
    endTimeUnixNano: z.string().transform(BigInt),
    attributes,
    links: z.array(z.object(ids)).default([]),
    status: z.object({ code: z.int().default(0) }).default({ code: 0 }),
  })
  .transform(
    ({ status, links, startTimeUnixNano, endTimeUnixNano, ...rest }): ReceivedSpan => ({
      ...rest,
      failed: status.code === 2,
      links: links.map((link) => [link.traceId, link.spanId] as const),
      startNs: startTimeUnixNano,
      endNs: endTimeUnixNano,
    }),
  )
const resource = z.object({ attributes })
const traces = z.object({
  resourceSpans: z.array(z.object({ resource, scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
})
const metrics = z.object({
  resourceMetrics: z.array(
    z.object({
      resource,
      scopeMetrics: z.array(z.object({ metrics: z.array(z.object({ name: z.string() })) })),
    }),
  ),
})

/** Listens on a free port for OTLP over HTTP in JSON, and refuses what is not well-formed. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const names = new Set<string>()
  const texts: string[] = []
  let lastResource: Readonly<Record<string, unknown>> = {}
  let lastHeaders: IncomingMessage['headers'] = {}
  let silent = false
  const take = (path: string, text: string): void => {
    if (path === '/v1/traces') {
      for (const one of traces.parse(JSON.parse(text)).resourceSpans) {
        lastResource = one.resource.attributes
        spans.push(...one.scopeSpans.flatMap((scope) => scope.spans))
      }
    } else {
      for (const one of metrics.parse(JSON.parse(text)).resourceMetrics) {
        lastResource = one.resource.attributes
        for (const scope of one.scopeMetrics) for (const { name } of scope.metrics) names.add(name)
      }
    }
  }
  const server = createServer(async (req, res) => {
    const text = Buffer.concat(await req.toArray()).toString('utf8')
    lastHeaders = req.headers
    texts.push(text)
    if (silent) return
    try {
      take(req.url ?? '', text)
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    } catch (error) {
      res.writeHead(400).end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    metrics: names,
    resource: () => lastResource,
    headers: () => lastHeaders,
    text: () => texts.join('\n'),
    hold(value) {
      silent = value
    },
    span: (what, fits, withinMs) => until(`the span of ${what}`, () => spans.findLast(fits), withinMs),
    childrenOf: (parent) =>
      spans.filter((one) => one.parentSpanId === parent.spanId && one.traceId === parent.traceId),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
