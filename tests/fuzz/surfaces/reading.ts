import { field } from '../../support/http.ts'

/** JSON, or undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether there is a text of some length. */
export function textIn(value: unknown, name: string): boolean {
  const text = field(value, name)
  return typeof text === 'string' && text !== ''
}

/** What a list of issues names. */
export function fieldNames(issues: unknown, name: string): string[] {
  return Array.isArray(issues) ? issues.map((issue) => String(field(issue, name) ?? '')) : []
}

const BOUNDARY = 'plinth-fuzz-boundary'

/** Headers and body of a form: fields as text, a file from whatever stands in `file`. */
export function formOf(
  input: unknown,
  headers: Readonly<Record<string, string>>,
): { headers: Record<string, string>; body: string } {
  const parts = Object.entries(typeof input === 'object' && input !== null ? input : {}).flatMap(
    ([name, value]) => {
      if (value === undefined) return []
      const [suffix, text] =
        value instanceof File
          ? ['; filename="notes.txt"\r\nContent-Type: text/plain', 'some text']
          : ['', typeof value === 'string' ? value : JSON.stringify(value)]
      const quoted = name.replaceAll(/["\r\n]/g, (char) => encodeURIComponent(char))
      return [`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${quoted}"${suffix}\r\n\r\n${text}\r\n`]
    },
  )
  return {
    headers: { ...headers, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: `${parts.join('')}--${BOUNDARY}--\r\n`,
  }
}
