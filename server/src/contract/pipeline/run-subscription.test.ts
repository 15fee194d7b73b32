import { expect, it } from 'vitest'
import { createLogger } from '../../platform/logger.ts'
import type { Actor } from '../actor.ts'
import { createCredentialWatch } from '../credential-watch.ts'
import { createStreamSlots } from '../stream-slots.ts'
import { runSubscription } from './run-subscription.ts'

const actor: Actor = {
  userId: 'ada',
  email: 'ada@example.com',
  role: 'user',
  plan: { betaTester: false, subscriptionTier: 'free' },
  via: { kind: 'session', id: 'session' },
  scopes: 'all',
  authenticatedAt: new Date(0),
}

function callOf(stillValid: () => Promise<boolean>) {
  const streamSlots = createStreamSlots({ perUser: 1, perAddress: 1, perProcess: 1 })
  const runtime = {
    logger: createLogger({ level: 'silent', format: 'json' }),
    streamSlots,
    credentialWatch: createCredentialWatch({ stillValid }),
  }
  const request = { traceId: 'trace', surface: 'trpc', ip: '1', userAgent: undefined, roundTrips: 0 } as const
  const context = { runtime, request, headers: { set() {} } }
  return { streamSlots, call: { path: 'p', actor, context, signal: new AbortController().signal } }
}

it('lets go of what it follows when the first event is refused, also where nobody has begun to read that', async () => {
  const { call, streamSlots } = callOf(async () => false)
  let following: AbortSignal | undefined
  const stream = await runSubscription(
    call,
    (event) => event,
    async (ended) => {
      following = ended
      return { position: '0', events: once({ id: '1', data: 1 }) }
    },
  )
  await expect(stream.events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(following?.aborted).toBe(true)
  expect(streamSlots.open()).toBe(0)
})

it('lets go of what it follows when it could not be opened', async () => {
  const { call, streamSlots } = callOf(async () => true)
  let following: AbortSignal | undefined
  const opening = runSubscription(
    call,
    (event) => event,
    async (ended) => {
      following = ended
      throw new Error('away')
    },
  )
  await expect(opening).rejects.toThrow('away')
  expect(following?.aborted).toBe(true)
  expect(streamSlots.open()).toBe(0)
})

async function* once<T>(event: T): AsyncGenerator<T, void> {
  yield event
}
