import { fastapiPeer } from './fastapi-peer.ts'
import { nodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'
import { plinthPeer } from './plinth-peer.ts'
import { orpcWire } from './wires/orpc.ts'
import { restWire } from './wires/rest.ts'
import { trpcWire } from './wires/trpc.ts'
import type { World } from './world.ts'

/** The name of the one that the others are compared with. */
export const OURS = 'plinth'

/** All servers that there are, the own ones first. */
export function allPeers(world: World, collector: string): Peer[] {
  const trpc = trpcWire('ping')
  return [
    plinthPeer(world, OURS),
    plinthPeer(world, 'plinth-traced', collector),
    nodePeer(world, 'express-trpc-prisma', trpc, '/health'),
    nodePeer(world, 'fastify-drizzle', restWire, '/ping'),
    { ...nodePeer(world, 'fastify-guarded', restWire, '/ping'), only: ['ping'] },
    nodePeer(world, 'hono-drizzle', restWire, '/ping'),
    nodePeer(world, 'orpc-drizzle', orpcWire, '/health'),
    nodePeer(world, 'node-http-pg', restWire, '/ping'),
    fastapiPeer(world),
  ]
}
