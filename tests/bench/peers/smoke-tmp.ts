import { allPeers } from './all-peers.ts'
import { requireSame } from './answers.ts'
import { startCollector } from './collector.ts'
import { inspect } from './inspect.ts'
import { createSeededDatabase, createWorld } from './world.ts'

const works = ['list', 'get', 'batch', 'cached', 'ping', 'login', 'create'] as const
const world = createWorld()
await using collector = await startCollector()
let t = performance.now()
await using db = await createSeededDatabase(world)
console.log('seeded', Math.round(performance.now() - t))
let first
for (const peer of allPeers(world, collector.url)) {
  if (process.argv[2] && !process.argv[2].split(',').includes(peer.name)) continue
  const m = await peer.missing?.()
  if (m) {
    console.log(peer.name, m)
    continue
  }
  try {
    t = performance.now()
    const i = await inspect(peer, db.url, works, world.callers)
    console.log(peer.name, Math.round(performance.now() - t), Object.fromEntries(i.roundTrips))
    first ??= i
    for (const [w, a] of i.answers) requireSame(w, ['first', first.answers.get(w)], [peer.name, a])
  } catch (e) {
    console.log(peer.name, 'FAILED', e.message, e.cause?.message)
  }
}
console.log(collector.received())
