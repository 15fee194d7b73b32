import { expect, test } from 'vitest'
import { newTraceId, parseTraceparent, traceIdFrom } from './request-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

test('the trace id of a W3C traceparent is kept, before any X-Request-Id', () => {
  const parent = parseTraceparent(`00-${TRACE}-00f067aa0ba902b7-01`)
  expect(parent).toEqual({ traceId: TRACE, spanId: '00f067aa0ba902b7', sampled: true })
  expect(traceIdFrom(parent, 'mine-1')).toBe(TRACE)
})

test('a caller’s X-Request-Id is kept when it is harmless', () => {
  expect(traceIdFrom(undefined, 'order.42_retry-1')).toBe('order.42_retry-1')
})

test.each([
  ['an all-zero trace id', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
  ['an all-zero span id', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  ['a version that is none', `ff-${TRACE}-00f067aa0ba902b7-01`, undefined],
  ['a malformed traceparent', `00-${TRACE}`, undefined],
  ['a request id with a line break', undefined, 'a\nb'],
  ['a request id that is too long', undefined, 'x'.repeat(65)],
  ['nothing', undefined, undefined],
])('%s gives a fresh id', (_case, traceparent, requestId) => {
  expect(traceIdFrom(parseTraceparent(traceparent), requestId)).toMatch(/^[\da-f]{32}$/)
})

test('fresh ids differ', () => {
  expect(newTraceId()).not.toBe(newTraceId())
})
