/** What a PDF is made of. */
export interface PdfOptions {
  readonly title?: string
  /** Locked with a password that nobody knows. */
  readonly locked?: true
  /** Instead of the text: the content of every page, with the entries of its dictionary. */
  readonly content?: { readonly entries: string; readonly data: Buffer }
}

const LINE_HEIGHT = 14

/** A PDF with these pages, each a list of paragraphs of lines. */
export function pdfFile(
  pages: readonly (readonly (readonly string[])[])[],
  options: PdfOptions = {},
): Buffer {
  const objects: Buffer[] = []
  const add = (text: string | Buffer): number => objects.push(Buffer.from(text))
  const pageNumber = (index: number): number => 4 + index * 2
  add('<< /Type /Catalog /Pages 2 0 R >>')
  const kids = pages.map((_page, index) => `${pageNumber(index)} 0 R`).join(' ')
  add(`<< /Type /Pages /Count ${pages.length} /Kids [${kids}] /MediaBox [0 0 612 792]
    /Resources << /Font << /F1 3 0 R >> >> >>`)
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>')
  for (const [index, page] of pages.entries()) {
    add(`<< /Type /Page /Parent 2 0 R /Contents ${pageNumber(index) + 1} 0 R >>`)
    const { entries, data } = options.content ?? { entries: '', data: Buffer.from(contentOf(page), 'latin1') }
    add(
      Buffer.concat([
        Buffer.from(`<< /Length ${data.length} ${entries} >>\nstream\n`),
        data,
        Buffer.from('\nendstream'),
      ]),
    )
  }
  const info = options.title === undefined ? '' : `/Info ${add(`<< /Title (${options.title}) >>`)} 0 R`
  const key = '00'.repeat(32)
  const lock =
    options.locked === undefined
      ? ''
      : `/Encrypt ${add(`<< /Filter /Standard /V 1 /R 2 /P -4 /O <${key}> /U <${key}> >>`)} 0 R /ID [<00> <00>]`
  return assembled(objects, `/Root 1 0 R ${info} ${lock}`)
}

function contentOf(page: readonly (readonly string[])[]): string {
  const lines: string[] = ['BT', '/F1 12 Tf', '72 720 Td']
  for (const [index, paragraph] of page.entries()) {
    if (index > 0) lines.push(`0 -${LINE_HEIGHT * 2} Td`)
    for (const line of paragraph)
      lines.push(`(${line.replace(/[\\()]/g, '\\$&')}) Tj`, `0 -${LINE_HEIGHT} Td`)
  }
  return [...lines, 'ET'].join('\n')
}

function assembled(objects: readonly Buffer[], trailer: string): Buffer {
  const pieces = [Buffer.from('%PDF-1.4\n')]
  const offsets: number[] = []
  let at = pieces[0]?.length ?? 0
  for (const [index, object] of objects.entries()) {
    offsets.push(at)
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')])
    pieces.push(whole)
    at += whole.length
  }
  const rows = offsets.map((offset) => `${`${offset}`.padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  pieces.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} ${trailer} >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(pieces)
}
