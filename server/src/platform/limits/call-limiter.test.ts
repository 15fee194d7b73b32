import { expect, it } from 'vitest'
import { createCallLimiter } from './call-limiter.ts'

it('counts per limit and caller, and starts again when the window ends', async () => {
  let now = 1_000
  const limiter = createCallLimiter(
    { few: { points: 2, seconds: 10 }, many: { points: 9, seconds: 1 } },
    { monotonicMs: () => now },
  )
  expect(await limiter.take('few', 'user:a')).toEqual({
    allowed: true,
    limit: 2,
    remaining: 1,
    resetMs: 10_000,
  })
  expect(await limiter.take('few', 'user:a')).toMatchObject({ allowed: true, remaining: 0 })
  now = 4_000
  expect(await limiter.take('few', 'user:a')).toEqual({
    allowed: false,
    limit: 2,
    remaining: 0,
    resetMs: 7_000,
  })
  expect(await limiter.take('few', 'user:b')).toMatchObject({ allowed: true })
  expect(await limiter.take('many', 'user:a')).toMatchObject({ allowed: true })
  now = 11_000
  expect(await limiter.take('few', 'user:a')).toMatchObject({ allowed: true, remaining: 1 })
})

it('counts an IPv6 network as one caller', async () => {
  const limiter = createCallLimiter({ few: { points: 1, seconds: 10 } })
  await limiter.take('few', 'ip:2001:db8::1')
  expect(await limiter.take('few', 'ip:2001:db8::2')).toMatchObject({ allowed: false })
})
