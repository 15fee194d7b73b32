import { expect, it, vi } from 'vitest'
import type { Actor } from './actor.ts'
import { createCredentialWatch } from './credential-watch.ts'

const actor = (id: string): Actor => ({
  userId: 'ada',
  email: 'ada@example.com',
  role: 'user',
  plan: { betaTester: false, subscriptionTier: 'free' },
  via: { kind: 'session', id },
  scopes: 'all',
  authenticatedAt: new Date(0),
})

/** Answers when the test says so. */
function slowLook() {
  const looks: { readonly id: string; readonly answer: (valid: boolean) => void }[] = []
  const stillValid = ({ via }: Actor) =>
    new Promise<boolean>((answer) => void looks.push({ id: via.id, answer }))
  return { looks, stillValid }
}

it('asks once for all streams of a credential, and again for those who asked meanwhile', async () => {
  const { looks, stillValid } = slowLook()
  const watch = createCredentialWatch({ stillValid })
  const streams = Array.from({ length: 5 }, () => watch.watch(actor('one'), () => undefined))
  const first = streams[0]?.holds()
  const others = streams.slice(1).map((stream) => stream.holds())
  await vi.waitFor(() => expect(looks).toHaveLength(1))
  looks[0]?.answer(true)
  expect(await first).toBe(true)
  await vi.waitFor(() => expect(looks).toHaveLength(2))
  looks[1]?.answer(false)
  expect(await Promise.all(others)).toEqual([false, false, false, false])
  for (const stream of streams) stream.stop()
  expect(watch.size()).toBe(0)
})

it('asks about a few credentials at a time', async () => {
  const { looks, stillValid } = slowLook()
  const watch = createCredentialWatch({ stillValid })
  const streams = Array.from({ length: 10 }, (_, index) => watch.watch(actor(`s${index}`), () => undefined))
  const answers = streams.map((stream) => stream.holds())
  await vi.waitFor(() => expect(looks).toHaveLength(4))
  for (let index = 0; index < 10; index += 1) {
    await vi.waitFor(() => expect(looks.length).toBeGreaterThan(index))
    looks[index]?.answer(true)
  }
  expect(await Promise.all(answers)).toEqual(answers.map(() => true))
  for (const stream of streams) stream.stop()
})

it('looks by itself, tells whose credential is over, and leaves open what cannot be asked', async () => {
  vi.useFakeTimers()
  try {
    const away = new Set(['away'])
    const over = new Set(['over'])
    const watch = createCredentialWatch({
      async stillValid({ via }) {
        if (away.has(via.id)) throw new Error('The database is away')
        return !over.has(via.id)
      },
    })
    const lost: string[] = []
    const streams = ['fine', 'over', 'away'].map((id) => watch.watch(actor(id), () => lost.push(id)))
    await vi.advanceTimersByTimeAsync(1_100)
    expect(lost).toEqual(['over'])
    await expect(streams[2]?.holds()).rejects.toThrow('away')
    for (const stream of streams) stream.stop()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
