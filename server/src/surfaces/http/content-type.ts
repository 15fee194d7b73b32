/** Whether a `Content-Type` is JSON in UTF-8, the only one there is (RFC 8259, §8.1). */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test(contentType?.trim() ?? '')
}
