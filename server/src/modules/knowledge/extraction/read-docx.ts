import mammoth from 'mammoth'
import type { ReadDocument } from './blocks.ts'
import { checkZip } from './check-zip.ts'
import { readHtml } from './read-html.ts'
import { Unreadable } from './unreadable.ts'

/** A Word document: headings by their styles, tables row by row. Pictures and what it links to are left alone. */
export async function readDocx(bytes: Uint8Array): Promise<ReadDocument> {
  const names = checkZip(bytes, (name) => /\.(?:xml|rels)$/i.test(name))
  if (!names.has('[Content_Types].xml') || ![...names].some((name) => name.startsWith('word/')))
    throw new Unreadable('The file is no Word document.')
  const options = {
    convertImage: mammoth.images.imgElement(async () => ({ src: '' })),
    externalFileAccess: false,
  }
  const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes) }, options).catch(() => {
    throw new Unreadable('The Word document is damaged: it cannot be read.')
  })
  const { blocks } = readHtml(value)
  const title = blocks.find(({ kind, level }) => kind === 'heading' && level === 1)
  return { title: title?.text ?? null, pages: null, blocks }
}
