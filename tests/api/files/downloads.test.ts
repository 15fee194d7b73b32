import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate, query } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { type MovingClock, movingClock } from '../../support/moving-clock.ts'
import { addPeople, addPerson, type LogIn, logIn, type Person, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import { download, localLink, randomFile, tracesOf, uploadOk } from './support.ts'

let server: TestServer
let clock: MovingClock
let owner: Person & LogIn

beforeAll(async () => {
  clock = movingClock()
  server = await startServer({ overrides: { clock } })
  liftLimits(server)
  owner = await addPerson(server, 'owner')
})
afterAll(() => server[Symbol.asyncDispose]())

describe('U4 files are served inert', () => {
  test.each([
    ['page.html', '<!doctype html><script>alert(1)</script>', 'application/octet-stream'],
    [
      'drawing.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      'application/octet-stream',
    ],
    ['paper.pdf', '%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>', 'application/octet-stream'],
    ['notes.txt', 'plain text', 'text/plain'],
  ])('%s', async (name, content, type) => {
    const id = await uploadOk(server, new File([content], name), owner.token)
    const answer = await download(server, id, owner.token)
    expect(await answer.text()).toBe(content)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'content-disposition': `attachment; filename=${name}`,
      'content-length': String(content.length),
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
      'accept-ranges': 'bytes',
    })
    expect(answer.headers.get('etag')).toMatch(/^"[\da-f]{64}"$/)
  })

  test('HEAD knows no ranges', async () => {
    const id = await uploadOk(server, randomFile(1_000), owner.token)
    const head = await download(server, id, owner.token, { range: 'bytes=0-9' }, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '1000'])
  })

  test('HEAD says the same and sends nothing; an ETag that still holds is 304', async () => {
    const id = await uploadOk(server, randomFile(1_000), owner.token)
    const get = await download(server, id, owner.token)
    await get.arrayBuffer()
    const head = await download(server, id, owner.token, {}, 'HEAD')
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('1000')
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'))
    const same = await download(server, id, owner.token, { 'if-none-match': get.headers.get('etag') ?? '' })
    expect([same.status, await same.text()]).toEqual([304, ''])
    expect((await download(server, id, owner.token, {}, 'POST')).status).toBe(405)
  })
})

describe('ranges', () => {
  const bytes = Buffer.from([0xf7, ...Array.from({ length: 999 }, (_, index) => index % 256)])
  let id: string
  beforeAll(async () => {
    id = await uploadOk(server, new File([bytes], 'r.bin'), owner.token)
  })

  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=990-', 990, 999],
    ['bytes=-5', 995, 999],
    ['bytes=0-5000', 0, 999],
  ])('%s is 206', async (range, first, last) => {
    const answer = await download(server, id, owner.token, { range })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/1000`)
    const part = Buffer.from(await answer.arrayBuffer())
    expect(part.toString('hex')).toBe(bytes.subarray(first, last + 1).toString('hex'))
  })

  test.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('%s is 416', async (range) => {
    const answer = await download(server, id, owner.token, { range })
    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe('bytes */1000')
    expect(await answer.text()).toBe('')
  })

  test.each([
    'bytes=0-1,5-6',
    `bytes=${Array.from({ length: 1_000 }, (_, index) => `${index}-${index + 5}`).join(',')}`,
    'bytes=abc',
    'lines=1-2',
    'bytes=9-1,',
  ])('several, overlapping or senseless ones are the whole, once: %#', async (range) => {
    const answer = await download(server, id, owner.token, { range })
    expect([200, 416]).toContain(answer.status)
    const body = await answer.arrayBuffer()
    expect(body.byteLength).toBe(answer.status === 200 ? 1_000 : 0)
  })

  test('a range of something that changed is the whole', async () => {
    const etag = (await download(server, id, owner.token, {}, 'HEAD')).headers.get('etag') ?? ''
    const stale = await download(server, id, owner.token, { range: 'bytes=0-1', 'if-range': '"other"' })
    const fresh = await download(server, id, owner.token, { range: 'bytes=0-1', 'if-range': etag })
    expect([stale.status, fresh.status]).toEqual([200, 206])
  })

  test('an empty file has no range', async () => {
    const empty = await uploadOk(server, new File([], 'empty.bin'), owner.token)
    expect((await download(server, empty, owner.token)).headers.get('content-length')).toBe('0')
    expect((await download(server, empty, owner.token, { range: 'bytes=0-' })).status).toBe(416)
  })

  test('who goes away in the middle leaves no open file', async () => {
    const large = await uploadOk(server, randomFile(20_000_000), owner.token)
    for (let count = 0; count < 5; count += 1) {
      const answer = await download(server, large, owner.token)
      await answer.body?.cancel()
    }
    await until('no descriptor is open', async () =>
      (await tracesOf(server)).descriptors === 0 ? true : undefined,
    )
  })
})

test('T8 who reads slowly keeps nobody else out', async () => {
  await using small = await startServer({ variables: { MAX_DOWNLOADS: '10' } })
  liftLimits(small)
  const [slow, other] = [await addPerson(small, 'slow'), await addPerson(small, 'other')]
  const id = await uploadOk(small, randomFile(20_000_000), slow.token)
  const begun = [await download(small, id, slow.token), await download(small, id, slow.token)]
  expect(begun.map(({ status }) => status)).toEqual([200, 200])
  const third = await download(small, id, slow.token)
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5'])
  await third.text()
  const own = await uploadOk(small, randomFile(10), other.token)
  expect((await download(small, own, other.token)).status).toBe(200)
  for (const { body } of begun) await body?.cancel()
  await until('there is a place again', async () => {
    const again = await download(small, id, slow.token, { range: 'bytes=0-9' })
    await again.arrayBuffer()
    return again.status === 206 ? true : undefined
  })
})

describe('U5 rights', () => {
  test('strangers, unknown ids and nonsense get one answer', async () => {
    const id = await uploadOk(server, randomFile(10), owner.token)
    const stranger = await addPerson(server)
    const others = ['00000000-0000-4000-8000-000000000000', 'nonsense', '..%2f..%2fetc%2fpasswd', '%00']
    const bodies = new Set<string>()
    for (const wanted of [id, ...others]) {
      const answer = await download(server, wanted, stranger.token)
      expect(answer.status).toBe(404)
      bodies.add((await answer.text()).replaceAll(/"(traceId|requestId)":"[^"]*"/g, ''))
    }
    expect(bodies.size).toBe(1)
    expect((await download(server, id, undefined)).status).toBe(401)
    expect((await download(server, id, 'made-up')).status).toBe(401)
  })

  test('a link works without logging in, for five minutes, for its own file', async () => {
    const [id, other] = [
      await uploadOk(server, randomFile(10), owner.token),
      await uploadOk(server, randomFile(10), owner.token),
    ]
    const answer = expectOk(await query(server.baseUrl, 'files.link', { id }, { token: owner.token }))
    expect(textOf(answer, 'url')).toMatch(/^http:\/\/plinth\.test\/files\/[\da-f-]{36}\?link=[\w-]+$/)
    const link = localLink(server, answer)
    expect((await fetch(link)).status).toBe(200)
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(200)
    const wrong = [
      link.replace(id, other),
      `${link}A`,
      `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`,
      `${server.baseUrl}/files/${id}?link=`,
      `${server.baseUrl}/files/${id}?link=${'A'.repeat(200)}`,
      link.replace(id, 'nonsense'),
    ]
    for (const url of wrong) expect((await fetch(url)).status, url).toBe(404)
    clock.move(5 * 60_000 + 1_000)
    try {
      expect((await fetch(link)).status).toBe(404)
    } finally {
      clock.reset()
    }
  })

  test('A15 a link ends with the session, the membership, and the user', async () => {
    const admin = await addPerson(server, 'admin', 'admin')
    const projectId = textOf(
      expectOk(
        await mutate(
          server.baseUrl,
          'projects.create',
          { name: 'Links', slug: `links-${Date.now()}` },
          { token: owner.token },
        ),
      ),
      'id',
    )
    const id = await uploadOk(server, randomFile(10), owner.token, projectId)
    const member = async () => {
      const [person] = await addPeople(server, ['member'])
      if (person === undefined) throw new Error('Nobody was made')
      await server.database.prisma.projectMember.create({
        data: { projectId, userId: person.id, role: 'viewer' },
      })
      const { token } = await logIn(server, person.email)
      const link = localLink(server, expectOk(await query(server.baseUrl, 'files.link', { id }, { token })))
      expect((await fetch(link)).status).toBe(200)
      expect((await download(server, id, token)).status).toBe(200)
      return { ...person, token, link }
    }
    const suspended = await member()
    expectOk(await mutate(server.baseUrl, 'users.suspend', { id: suspended.id }, { token: admin.token }))
    expect((await fetch(suspended.link)).status).toBe(404)
    expect((await download(server, id, suspended.token)).status).toBe(401)

    const loggedOut = await member()
    expectOk(await mutate(server.baseUrl, 'auth.logout', undefined, { token: loggedOut.token }))
    expect((await fetch(loggedOut.link)).status).toBe(404)

    const removed = await member()
    const removal = { projectId, userId: removed.id }
    expectOk(await mutate(server.baseUrl, 'projects.members.remove', removal, { token: owner.token }))
    expect((await fetch(removed.link)).status).toBe(404)
    expect((await download(server, id, removed.token)).status).toBe(404)

    const last = await member()
    expectOk(await mutate(server.baseUrl, 'projects.delete', { id: projectId }, { token: owner.token }))
    expect((await fetch(last.link)).status).toBe(404)
  })
})
