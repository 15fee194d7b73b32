import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBase, foundTexts, settled, takeIn, uploadDocument } from '../api/knowledge/support.ts'
import { pdfFile } from '../support/documents/pdf-file.ts'
import { docxFile, docxParagraph, type ZipPart, zipFile } from '../support/documents/zip-file.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query } from '../support/http.ts'
import { addPerson, type LogIn, type Person } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** U3: documents are the most hostile input there is. */
let server: TestServer
let ada: Person & LogIn
let baseId: string

beforeAll(async () => {
  server = await startServer()
  ada = await addPerson(server, 'ada')
  baseId = await createBase(server, ada.token)
})
afterAll(() => server[Symbol.asyncDispose]())

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200007530000075300802000000', 'hex')
const EXE = Buffer.concat([
  Buffer.from('MZ'),
  Buffer.alloc(58),
  Buffer.from([0x40, 0, 0, 0]),
  Buffer.from('PE\0\0'),
  Buffer.alloc(200),
])
const EICAR = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'

describe('what is no document is refused when it comes', () => {
  test.each([
    ['a picture', PNG, 'huge.png'],
    ['a picture called a text', PNG, 'notes.txt'],
    ['a program called a PDF', EXE, 'report.pdf'],
    ['a page called a text', Buffer.from('<!doctype html><script>1</script>'), 'notes.txt'],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), 'a.svg'],
    ['an archive', zipFile([{ name: 'a.txt', data: 'a' }]), 'all.zip'],
    ['bytes', Buffer.concat([Buffer.from([0xf7, 0]), randomBytes(500)]), 'data'],
  ])('%s', async (_what, bytes, name) => {
    const file = new File([new Uint8Array(bytes)], name)
    const answer = await mutate(server.baseUrl, 'documents.upload', { knowledgeBaseId: baseId, file }, ada)
    expect(expectRefused(answer, [400, 415]).error?.reason).toBe('FILE_TYPE_REFUSED')
  })

  test('a text of more than its type may have', async () => {
    const file = new File(['x'.repeat(11 * 1_048_576)], 'line.txt')
    const answer = await mutate(server.baseUrl, 'documents.upload', { knowledgeBaseId: baseId, file }, ada)
    expectRefused(answer, 413)
  })
})

const ZEROS = Buffer.alloc(15_000_000)
const bomb = (part: Omit<ZipPart, 'name'>) => docxFile('', { more: [{ name: 'word/styles.xml', ...part }] })

describe('what is hostile inside fails, says why, and harms nobody', () => {
  test.each([
    [
      'zeros without end',
      () => bomb({ data: ZEROS }),
      'a.docx',
      'The file becomes too large when it is unpacked.',
    ],
    [
      'more than it says',
      () => bomb({ data: Buffer.from('<a>'.repeat(1_000_000)), claimedBytes: 1_000 }),
      'b.docx',
      'The file becomes too large when it is unpacked.',
    ],
    [
      'more parts than a document has',
      () =>
        docxFile('', {
          more: Array.from({ length: 6_000 }, (_, index) => ({ name: `word/${index}`, data: '' })),
        }),
      'c.docx',
      'The file has too many parts.',
    ],
    [
      'an archive that is no document',
      () => zipFile([{ name: '../../etc/cron.d/x', data: 'x' }]),
      'd.docx',
      'The file is no Word document.',
    ],
    [
      'too many pages',
      () => pdfFile(Array.from({ length: 10_000 }, () => [['x']])),
      'e.pdf',
      'The PDF has 10000 pages; no more than 2000 can be taken.',
    ],
    ['a lock', () => pdfFile([[['x']]], { locked: true }), 'f.pdf', 'The PDF is protected by a password.'],
  ])('%s', async (_what, make, name, why) => {
    const started = performance.now()
    const document = await takeIn(server, ada.token, baseId, new File([new Uint8Array(make())], name))
    expect(document).toMatchObject({ status: 'failed', error: why, foundVersion: null })
    expect(performance.now() - started).toBeLessThan(15_000)
  })

  test('a page of a PDF that unpacks to more than there is memory for ends its thread, and nothing else', async () => {
    const data = deflateSync(Buffer.alloc(500_000_000), { level: 9 })
    const file = pdfFile([[]], { content: { entries: '/Filter /FlateDecode', data } })
    const before = process.memoryUsage.rss()
    const { id } = await uploadDocument(server, ada.token, baseId, new File([new Uint8Array(file)], 'g.pdf'))
    const document = await settled(server, ada.token, id, 60_000)
    expect(document.status).toBe('failed')
    expect(document.error).toMatch(/memory|no text|longer than/)
    expect(process.memoryUsage.rss() - before).toBeLessThan(1_200_000_000)
    expectOk(await query(server.baseUrl, 'documents.get', { id }, ada))
    expect((await takeIn(server, ada.token, baseId, new File(['Still here.'], 'h.txt'))).status).toBe('ready')
  })

  test('entities from outside are not followed', async () => {
    const doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    const bytes = docxFile(docxParagraph('Before &e; after.'), { doctype })
    await takeIn(server, ada.token, baseId, new File([new Uint8Array(bytes)], 'i.docx'))
    expect((await foundTexts(server, baseId)).join('\n')).not.toContain('root:')
  })

  test('entities that multiply do not', async () => {
    const entities = Array.from(
      { length: 9 },
      (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`,
    )
    const doctype = `<!DOCTYPE x [<!ENTITY e0 "lol">${entities.join('')}]>`
    const bytes = docxFile(docxParagraph('&e9;'), { doctype })
    const document = await takeIn(server, ada.token, baseId, new File([new Uint8Array(bytes)], 'j.docx'))
    expect(document.characters ?? 0).toBeLessThan(1_000)
  })

  test('what only a scanner for viruses minds is a text like any other', async () => {
    const document = await takeIn(server, ada.token, baseId, new File([EICAR], 'k.txt'))
    expect(document).toMatchObject({ status: 'ready', chunks: 1 })
  })
})
