import { randomKey } from './random-key.ts'

/** A multipart/form-data body (RFC 7578). The file is not copied: the body refers to it. */
export interface Form {
  readonly body: Blob
  /** Its Content-Type. */
  readonly type: string
  readonly fileBytes: number
  /** How many bytes come before the file's. */
  readonly before: number
}

/**
 * Makes the body of a call whose input has a file: fields first, so that the server can refuse by them before it reads
 * the file.
 * @throws TypeError when there is no file in `input`
 */
export function formOf(input: unknown): Form {
  const boundary = `plinth-${randomKey()}`
  let head = ''
  let file: File | undefined
  for (const [name, value] of Object.entries(input ?? {})) {
    if (value instanceof File) file = value
    else if (value !== undefined) head += `${partHead(boundary, name)}\r\n\r\n${String(value)}\r\n`
  }
  if (file === undefined) throw new TypeError('The input has no File in its field "file".')
  const type = file.type === '' ? 'application/octet-stream' : file.type
  head += `${partHead(boundary, 'file')}; filename="${escaped(file.name)}"\r\nContent-Type: ${oneLine(type)}\r\n\r\n`
  const start = new Blob([head])
  return {
    body: new Blob([start, file, `\r\n--${boundary}--\r\n`]),
    type: `multipart/form-data; boundary=${boundary}`,
    fileBytes: file.size,
    before: start.size,
  }
}

function partHead(boundary: string, name: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`
}

/** As browsers do (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data). */
function escaped(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}

function oneLine(type: string): string {
  return /^[\x20-\x7e]+$/.test(type) ? type : 'application/octet-stream'
}
