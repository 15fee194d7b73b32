import { expect, test } from 'vitest'
import { createStreamSlots } from './stream-slots.ts'

const caps = { perUser: 2, perAddress: 3, perProcess: 4 }

test('a user, an address and the process each have a cap', () => {
  const slots = createStreamSlots(caps)
  slots.take({ userId: 'a', ip: '1' })
  slots.take({ userId: 'a', ip: '2' })
  expect(() => slots.take({ userId: 'a', ip: '3' })).toThrow(
    expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }),
  )
  slots.take({ userId: 'b', ip: '1' })
  slots.take({ userId: 'c', ip: '1' })
  expect(slots.open()).toBe(4)
  expect(() => slots.take({ userId: 'd', ip: '9' })).toThrow(
    expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }),
  )
})

test('an address has its cap whoever the users are', () => {
  const slots = createStreamSlots({ ...caps, perProcess: 100 })
  for (const userId of ['a', 'b', 'c']) slots.take({ userId, ip: '1' })
  expect(() => slots.take({ userId: 'd', ip: '1' })).toThrow(
    expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }),
  )
})

test('a refused stream takes no slot, and giving one back twice gives it back once', () => {
  const slots = createStreamSlots({ ...caps, perUser: 1 })
  const release = slots.take({ userId: 'a', ip: '1' })
  expect(() => slots.take({ userId: 'a', ip: '1' })).toThrow()
  release()
  release()
  expect(slots.open()).toBe(0)
  slots.take({ userId: 'a', ip: '1' })
  expect(slots.open()).toBe(1)
})
