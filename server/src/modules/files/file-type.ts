import { failBecause } from '../../contract/errors.ts'
import { extensionOf } from './file-name.ts'

const UNKNOWN = 'application/octet-stream'
const TEXT = 'text/plain'

/** What a browser would take for a page, by what it begins with (https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type). */
const MARKUP: readonly [RegExp, string][] = [
  [/^<(?:!doctype )?svg[\s/>]/i, 'image/svg+xml'],
  [/^<(?:!doctype html|html|head|body|script|iframe|style|title)[\s/>]/i, 'text/html'],
]

/** Extensions that make a promise about the content. */
const PROMISED: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: TEXT,
  webp: 'image/webp',
  xml: 'application/xml',
  zip: 'application/zip',
}

/** Texts that nothing in their content tells apart. */
const PLAIN = new Set([TEXT, 'text/csv', 'text/markdown', 'text/tab-separated-values', 'application/json'])
/** Types whose files are other files: what they really are shows only deep inside. */
const CONTAINERS: Readonly<Record<string, RegExp>> = {
  'application/zip':
    /zip|officedocument|opendocument|epub|java-archive|android\.package|ms-(?:excel|word|powerpoint)/,
  'application/x-cfb': /msword|ms-(?:excel|powerpoint|outlook|office)|x-msi/,
  'application/xml': /xml/,
  'application/gzip': /gzip|tar/,
  'video/mp4': /mp4|quicktime|m4/,
  'audio/ogg': /ogg/,
  'video/ogg': /ogg/,
}
/** Claims that a file-type can be held against: those that its content would have shown. */
const RECOGNISABLE = /^(?:image|audio|video|font)\/|^application\/(?:pdf|zip|gzip|x-7z|x-rar)/

/**
 * The type of a file by its first bytes.
 * @throws FILE_TYPE_REFUSED when the content is not what its name or the caller says
 */
export async function typeOfContent(
  head: Uint8Array,
  claimed: { readonly name: string; readonly type: string | undefined },
): Promise<string> {
  const said = [claimed.type?.toLowerCase().split(';')[0]?.trim(), PROMISED[extensionOf(claimed.name)]]
  const claims = said.filter((type) => type !== undefined && type !== '' && type !== UNKNOWN)
  const type = await sniffed(
    head,
    claims.find((claim) => claim !== undefined && PLAIN.has(claim)),
  )
  const broken = head.length === 0 ? undefined : claims.find((claim) => !fits(claim ?? type, type))
  if (broken !== undefined) {
    const message = `The content is ${type}, not ${broken.slice(0, 100)} as its name or type says.`
    throw failBecause('FILE_TYPE_REFUSED', { message, issues: [{ field: 'file', message }] })
  }
  return type
}

async function sniffed(head: Uint8Array, plain: string | undefined): Promise<string> {
  const text = textOf(head)
  if (text !== undefined) {
    const start = withoutPrologue(text)
    const markup = MARKUP.find(([pattern]) => pattern.test(start))
    if (markup !== undefined) return markup[1]
    if (/^\s*<\?xml\s/.test(text)) return 'application/xml'
  }
  // Loaded by the first upload: 37 modules, 27 ms of every start.
  const { fileTypeFromBuffer } = await import('file-type')
  const found = await fileTypeFromBuffer(head)
  if (found !== undefined) return found.mime
  if (text === undefined || head.length === 0) return UNKNOWN
  return plain ?? TEXT
}

/** What follows an XML declaration, comments and white space at the beginning. */
function withoutPrologue(text: string): string {
  let rest = text.trimStart()
  for (const [begin, end] of [
    ['<?xml', '?>'],
    ...Array<[string, string]>(20).fill(['<!--', '-->']),
  ] as const) {
    if (!rest.startsWith(begin)) continue
    const at = rest.indexOf(end)
    if (at === -1) return rest
    rest = rest.slice(at + end.length).trimStart()
  }
  return rest
}

/** Bytes that no text has in any encoding of one byte a character (https://mimesniff.spec.whatwg.org/#binary-data-byte). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const BINARY = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/

/**
 * The head as text, or undefined when it is none. The last character may be cut. What is no UTF-8 may be in an older
 * encoding, as spreadsheets still save tables.
 */
function textOf(head: Uint8Array): string | undefined {
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  const decoder = new TextDecoder(utf16 ? (head[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8', {
    fatal: true,
  })
  try {
    const text = decoder.decode(head, { stream: true })
    return text.includes('\0') ? undefined : text
  } catch {
    const text = new TextDecoder('windows-1252').decode(head)
    return utf16 || BINARY.test(text) ? undefined : text
  }
}

function fits(claim: string, type: string): boolean {
  if (claim === type || claim.replace('image/jpg', 'image/jpeg') === type) return true
  if (CONTAINERS[type]?.test(claim) === true) return true
  // Markdown may begin with markup; a plain text that a browser would run is no plain text.
  if (claim === 'text/markdown' && type === 'text/html') return true
  if (PLAIN.has(claim)) return PLAIN.has(type)
  if (type === UNKNOWN || PLAIN.has(type)) return !RECOGNISABLE.test(claim) && claim !== 'text/html'
  // A claim about something the content could not have shown, against content that shows what it is.
  return !RECOGNISABLE.test(claim) && !RECOGNISABLE.test(type) && !DANGEROUS.test(type)
}

/** What runs when it is opened. */
const DANGEROUS = /html|svg|x-msdownload|x-elf|x-mach|x-dosexec|x-sh/
