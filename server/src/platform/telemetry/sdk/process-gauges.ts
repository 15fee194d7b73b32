import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Gauge } from '../metrics.ts'

const RESOLUTION_MS = 20

/** What the process itself costs, by the names of OpenTelemetry's conventions for Node, V8 and processes. */
export function processGauges(): { readonly gauges: readonly Gauge[]; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let utilization = performance.eventLoopUtilization()
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3)
  const gauge = (name: string, unit: string, description: string, value: () => number): Gauge => ({
    name,
    unit,
    description,
    kind: 'last',
    read: () => [{ value: value() }],
  })
  const gauges: Gauge[] = [
    gauge('nodejs.eventloop.delay.p50', 's', 'Event loop delay, half of the time at most', () =>
      seconds(delay.percentile(50)),
    ),
    gauge('nodejs.eventloop.delay.p99', 's', 'Event loop delay, 99 % of the time at most', () =>
      seconds(delay.percentile(99)),
    ),
    gauge('nodejs.eventloop.delay.max', 's', 'Longest event loop delay since the last reading', () => {
      const longest = seconds(delay.max)
      delay.reset()
      return longest
    }),
    gauge('nodejs.eventloop.utilization', '1', 'Busy part of the event loop since the last reading', () => {
      const before = utilization
      utilization = performance.eventLoopUtilization()
      return performance.eventLoopUtilization(utilization, before).utilization
    }),
    {
      ...gauge('process.memory.usage', 'By', 'Physical memory in use', () => process.memoryUsage.rss()),
      kind: 'sum',
    },
    {
      ...gauge('v8js.memory.heap.used', 'By', 'Heap in use', () => getHeapStatistics().used_heap_size),
      kind: 'sum',
    },
    {
      ...gauge('v8js.memory.heap.limit', 'By', 'Heap at most', () => getHeapStatistics().heap_size_limit),
      kind: 'sum',
    },
    {
      name: 'process.cpu.time',
      unit: 's',
      description: 'Processor time used',
      kind: 'total',
      read() {
        const { user, system } = process.cpuUsage()
        return [
          { value: user / 1e6, attributes: { 'cpu.mode': 'user' } },
          { value: system / 1e6, attributes: { 'cpu.mode': 'system' } },
        ]
      },
    },
    gauge('process.uptime', 's', 'Time since the process started', () => process.uptime()),
  ]
  return { gauges, stop: () => void delay.disable() }
}
