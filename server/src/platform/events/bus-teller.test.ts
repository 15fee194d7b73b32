import { expect, test, vi } from 'vitest'
import { createTeller } from './bus-teller.ts'

/** Sends what the test lets through, one statement at a time. */
function heldTeller() {
  const statements: { readonly texts: readonly string[]; readonly answer: PromiseWithResolvers<void> }[] = []
  const warnings: string[] = []
  const logger = {
    info: () => undefined,
    warn: (message: string) => void warnings.push(message),
    error: () => undefined,
  }
  const teller = createTeller({
    send: (texts) => {
      const answer = Promise.withResolvers<void>()
      statements.push({ texts, answer })
      return answer.promise
    },
    missed: 'missed',
    logger,
  })
  const sent = (count: number): Promise<void> =>
    vi.waitFor(() => expect(statements).toHaveLength(count), { timeout: 5_000 })
  return { teller, statements, warnings, sent, texts: () => statements.map(({ texts }) => texts) }
}

test('what comes while a statement is under way goes with the next, once', async () => {
  const { teller, statements, sent, texts } = heldTeller()
  teller.tell(['a'])
  await sent(1)
  for (const text of ['b', 'c', 'b', 'a', 'c']) teller.tell([text])
  statements[0]?.answer.resolve()
  await sent(2)
  // The one under way may have been heard before the second `a` was committed.
  expect(texts()).toEqual([['a'], ['b', 'c', 'a']])
  statements[1]?.answer.resolve()
  await teller.close()
  expect(statements).toHaveLength(2)
})

test('what is told in one turn of the event loop shares a statement', async () => {
  const { teller, statements, sent, texts } = heldTeller()
  for (const text of ['a', 'b', 'a']) teller.tell([text])
  const closing = teller.close()
  await sent(1)
  expect(texts()).toEqual([['a', 'b']])
  statements[0]?.answer.resolve()
  await closing
})

test('a statement that fails is sent again, with what came meanwhile', async () => {
  const { teller, statements, warnings, sent, texts } = heldTeller()
  teller.tell(['a'])
  await sent(1)
  teller.tell(['b'])
  statements[0]?.answer.reject(new Error('The connection broke'))
  await sent(2)
  statements[1]?.answer.reject(new Error('The connection broke'))
  await sent(3)
  expect(texts().map((one) => [...one].sort())).toEqual([['a'], ['a', 'b'], ['a', 'b']])
  expect(warnings).toHaveLength(2)
  statements[2]?.answer.resolve()
  await teller.close()
})

test('what is too much to keep becomes one word for everything', async () => {
  const { teller, statements, sent, texts } = heldTeller()
  teller.tell(['first'])
  await sent(1)
  for (let nth = 0; nth <= 10_000; nth += 1) teller.tell([`topic ${nth}`])
  teller.tell(['one more'])
  statements[0]?.answer.resolve()
  await sent(2)
  teller.tell(['after it'])
  statements[1]?.answer.resolve()
  await sent(3)
  expect(texts()).toEqual([['first'], ['missed'], ['after it']])
  statements[2]?.answer.resolve()
  await teller.close()
})

test('closing waits for what can be sent, and not for what cannot', async () => {
  const able = heldTeller()
  able.teller.tell(['a'])
  await able.sent(1)
  const closing = able.teller.close()
  able.statements[0]?.answer.resolve()
  await closing
  expect(able.warnings).toEqual([])

  const unable = heldTeller()
  unable.teller.tell(['a'])
  await unable.sent(1)
  unable.teller.tell(['b'])
  await unable.teller.close()
  unable.teller.tell(['c'])
  expect(unable.texts()).toEqual([['a']])
  expect(unable.warnings).toHaveLength(1)
})
