import { connect, type Socket } from 'node:net'
import type { Order, Outcome, Target } from './subscribers.ts'

/** The other end of `startSubscribers()`: plain sockets that read server-sent events and note when they came. */
const OPENING_AT_ONCE = 50
const BEAT = /Beat (\d+)/g

const sockets = new Set<Socket>()
const arrivals = new Map<number, number[]>()
let awaited: { readonly beat: number; readonly count: number } | undefined

process.on('message', async (message) => {
  const order = message as Order
  if (order.kind === 'open') reply({ kind: 'opened', ...(await openAll(order.targets)) })
  else if (order.kind === 'await') {
    awaited = order
    reply({ kind: 'ready' })
    settle()
  } else {
    for (const socket of sockets) socket.resetAndDestroy()
    sockets.clear()
    arrivals.clear()
    reply({ kind: 'ready' })
  }
})

async function openAll(
  targets: readonly Target[],
): Promise<{ statuses: Record<string, number>; ms: number }> {
  const statuses: Record<string, number> = {}
  const started = performance.now()
  let next = 0
  const work = async (): Promise<void> => {
    for (let target = targets[next++]; target !== undefined; target = targets[next++]) {
      const status = await openOne(target)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, work))
  return { statuses, ms: performance.now() - started }
}

function openOne({ port, path, headers }: Target): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    let head = ''
    let status = 0
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n${lines.join('')}\r\n`))
    socket.on('data', (chunk: string) => {
      if (status === 0) {
        head += chunk
        if (!head.includes('\n\n')) return
        status = Number(head.slice(9, 12))
        if (status === 200) sockets.add(socket)
        else socket.destroy()
        resolve(status)
        chunk = head
      }
      for (const [, beat] of chunk.matchAll(BEAT)) note(Number(beat))
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      resolve(status)
    })
  })
}

function note(beat: number): void {
  const times = arrivals.get(beat) ?? []
  arrivals.set(beat, times)
  times.push(performance.timeOrigin + performance.now())
  settle()
}

function settle(): void {
  if (awaited === undefined) return
  const times = arrivals.get(awaited.beat) ?? []
  if (times.length < awaited.count) return
  reply({ kind: 'arrived', times })
  awaited = undefined
}

function reply(outcome: Outcome): void {
  process.send?.(outcome)
}
