import { expect, test, vi } from 'vitest'
import type { SubscribeHandlers } from '../options.ts'
import { PlinthError } from '../plinth-error.ts'
import type { SubscriptionIn, SubscriptionOptions } from './subscription.ts'
import { createSubscriptionStore } from './subscription-store.ts'

const lost = new PlinthError('lost', { code: 'NETWORK_ERROR', retryable: true })
const refused = new PlinthError('refused', { code: 'NOT_FOUND', retryable: false })

/** A stream a test plays. */
function stream(given: SubscriptionIn<string, PlinthError> = {}) {
  const opened: SubscribeHandlers<string, PlinthError>[] = []
  const closed = vi.fn()
  const options: SubscriptionOptions<string, PlinthError> = {
    ...given,
    enabled: true,
    queryKey: [['things', 'onChange']],
    subscribe(handlers) {
      opened.push(handlers)
      return Object.assign(() => closed(), { unsubscribe: () => closed() })
    },
  }
  return { options, opened, closed }
}

test('tells where the stream stands, from connecting to its end', () => {
  const { options, opened, closed } = stream({ lastEventId: '3' })
  const store = createSubscriptionStore(true, () => options)
  expect(store.state()).toEqual({ status: 'connecting', data: undefined, error: null })
  const leave = store.subscribe(() => undefined)
  const [handlers] = opened
  expect(handlers?.lastEventId).toBe('3')
  handlers?.onStarted?.()
  expect(store.state().status).toBe('open')
  handlers?.onData({ id: '4', data: 'four' })
  handlers?.onReconnecting?.(lost)
  expect(store.state()).toEqual({ status: 'connecting', data: { id: '4', data: 'four' }, error: lost })
  handlers?.onStarted?.()
  expect(store.state()).toMatchObject({ status: 'open', error: null })
  handlers?.onComplete?.()
  expect(store.state().status).toBe('ended')
  leave()
  expect(closed).toHaveBeenCalledOnce()
})

test('an error stays with the newest event', () => {
  const { options, opened } = stream()
  const store = createSubscriptionStore(true, () => options)
  store.subscribe(() => undefined)
  opened[0]?.onData({ id: '1', data: 'one' })
  opened[0]?.onError?.(refused)
  expect(store.state()).toEqual({ status: 'error', data: { id: '1', data: 'one' }, error: refused })
})

test('renders again only for what was looked at', () => {
  const { options, opened } = stream()
  const store = createSubscriptionStore(true, () => options)
  const render = vi.fn()
  store.watch('status')
  store.subscribe(render)
  opened[0]?.onStarted?.()
  for (const id of ['1', '2', '3']) opened[0]?.onData({ id, data: id })
  expect(render).toHaveBeenCalledOnce()
  store.watch('data')
  opened[0]?.onData({ id: '4', data: 'four' })
  expect(render).toHaveBeenCalledTimes(2)
  expect(store.version()).toBe(2)
})

test('calls the handlers of the newest rendering, and none once it is closed', () => {
  const heard: string[] = []
  const { options, opened } = stream()
  let latest: SubscriptionOptions<string, PlinthError> = {
    ...options,
    onData: ({ id }) => heard.push(`old ${id}`),
  }
  const store = createSubscriptionStore(true, () => latest)
  const leave = store.subscribe(() => undefined)
  opened[0]?.onData({ id: '1', data: 'one' })
  latest = { ...options, onData: ({ id }) => heard.push(`new ${id}`) }
  opened[0]?.onData({ id: '2', data: 'two' })
  leave()
  opened[0]?.onData({ id: '3', data: 'three' })
  expect(heard).toEqual(['old 1', 'new 2'])
  expect(store.state().data?.id).toBe('2')
})

test('opens nothing when it is not enabled', () => {
  const { options, opened } = stream()
  const store = createSubscriptionStore(false, () => options)
  store.subscribe(() => undefined)()
  expect(opened).toEqual([])
  expect(store.state().status).toBe('idle')
})
