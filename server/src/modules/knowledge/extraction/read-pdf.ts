import { getDocumentProxy } from 'unpdf'
import { type Block, oneLine, type ReadDocument } from './blocks.ts'
import { MOST_CHARACTERS } from './most-characters.ts'
import { paragraphsOf, type TextItem } from './pdf-paragraphs.ts'
import { Unreadable } from './unreadable.ts'

const MOST_PAGES = 2_000

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>

/**
 * A PDF, page by page. Only text is taken: no scripts run, nothing is drawn or fetched.
 * @param report is told how many pages of how many are read
 */
export async function readPdf(
  bytes: Uint8Array,
  report: (progress: { readonly current: number; readonly total: number }) => void,
): Promise<ReadDocument> {
  const pdf = await open(bytes)
  const { numPages } = pdf
  if (numPages > MOST_PAGES)
    throw new Unreadable(`The PDF has ${numPages} pages; no more than ${MOST_PAGES} can be taken.`)
  const blocks: Block[] = []
  let characters = 0
  for (let number = 1; number <= numPages; number += 1) {
    for (const text of paragraphsOf(await itemsOf(pdf, number))) {
      blocks.push({ kind: 'text', text, page: number })
      characters += text.length
    }
    if (characters > MOST_CHARACTERS)
      throw new Unreadable(`The PDF has more than ${MOST_CHARACTERS} characters.`)
    report({ current: number, total: numPages })
  }
  if (characters === 0)
    throw new Unreadable('There is no text in the PDF. Pages that are pictures cannot be read.')
  return { title: await titleOf(pdf), pages: numPages, blocks }
}

async function open(bytes: Uint8Array): Promise<Pdf> {
  try {
    return await getDocumentProxy(bytes, {
      disableFontFace: true,
      useSystemFonts: false,
      stopAtErrors: false,
      maxImageSize: 0,
      verbosity: 0,
    })
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException'
    throw new Unreadable(
      isLocked ? 'The PDF is protected by a password.' : 'The PDF is damaged: it cannot be read.',
    )
  }
}

/** What stands on a page; nothing for a page that is damaged. */
async function itemsOf(pdf: Pdf, number: number): Promise<TextItem[]> {
  try {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    page.cleanup()
    return items.flatMap((item) =>
      'str' in item
        ? [{ text: item.str, endsLine: item.hasEOL, y: Number(item.transform[5]), height: item.height }]
        : [],
    )
  } catch {
    return []
  }
}

async function titleOf(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }))
  const title: unknown = Reflect.get(info, 'Title')
  const text = typeof title === 'string' ? oneLine(title) : ''
  return text === '' ? null : text
}
