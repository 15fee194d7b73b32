import { afterAll, describe, expect, it } from 'vitest'
import { createLocalEmbedder } from './local-embedder.ts'

const embedder = createLocalEmbedder()
const signal = new AbortController().signal
afterAll(() => embedder.close())

/** How near a question is to a document. */
async function nearness(question: string, document: string): Promise<number> {
  const [[a], [b]] = await Promise.all([
    embedder.embed([question], 'query', signal),
    embedder.embed([document], 'document', signal),
  ])
  return a?.reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0) ?? Number.NaN
}

describe('the local embedder', () => {
  it('puts texts nearer that share words, and words of one family', async () => {
    const same = await nearness('The librarian sorts old books', 'Old books are sorted by a librarian')
    const family = await nearness('librarianship', 'Libraries and librarians')
    const other = await nearness('The librarian sorts old books', 'Heat flows through a composite slab')
    expect(same).toBeGreaterThan(family)
    expect(family).toBeGreaterThan(0.05)
    expect(Math.abs(other)).toBeLessThan(0.05)
  })

  it('puts a passage about something before a title that only shares a word', async () => {
    const question = 'How do libraries sort old books?'
    const passage =
      'Old books are sorted by hand in most libraries. A library that sorts its books by age finds them sooner.'
    expect(await nearness(question, passage)).toBeGreaterThan(await nearness(question, 'Old books'))
  })

  it('does not mind the words people ask with', async () => {
    const text = 'Valves close pipes.'
    const asked = 'I am interested in papers that discuss valves; find anything relevant on them'
    expect(await nearness(asked, text)).toBeCloseTo(await nearness('valves', text), 5)
  })

  it('works for languages it knows no words of, with spaces and without', async () => {
    const near = await nearness('Öffnungszeiten der Bücherei', 'Die Bücherei öffnet um neun')
    expect(near).toBeGreaterThan(
      2 * Math.abs(await nearness('Öffnungszeiten der Bücherei', 'Das Wetter ist schön')),
    )
    const japanese = await nearness('図書館の本', '図書館は開いています')
    expect(japanese).toBeGreaterThan(2 * Math.abs(await nearness('図書館の本', '天気がいいです')))
  })

  it('takes accents and forms of one letter for the same', async () => {
    expect(await embedder.embed(['café ﬁnance'], 'document', signal)).toEqual(
      await embedder.embed(['CAFE finance'], 'document', signal),
    )
  })

  it('gives each text a vector of length one, whatever it is', async () => {
    for (const vector of await embedder.embed(
      ['', '!?', 'the and of', 'find papers', 'x', '😀'],
      'query',
      signal,
    )) {
      expect(vector).toHaveLength(embedder.dimension)
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
    }
  })

  it('gives the same vectors in a thread, and stops there when told', async () => {
    const long = 'Relevance of documents to a request is judged by people. '.repeat(200)
    const [[alone], [, there]] = await Promise.all([
      embedder.embed(['short text'], 'document', signal),
      embedder.embed([long, 'short text'], 'document', signal),
    ])
    expect(there).toEqual(alone)
    const stop = new AbortController()
    const stopped = embedder.embed([long.repeat(200)], 'document', stop.signal)
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
  })
})
