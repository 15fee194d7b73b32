/** Enough to see what a vendor means, and not what it was sent. */
const MAX_TEXT = 300

/** What a vendor said, for the log: shortened, and without the key. */
export class VendorReplyError extends Error {
  override readonly name = 'VendorReplyError'
  readonly status: number | undefined
  readonly code: string | undefined

  constructor(reply: {
    readonly status: number | undefined
    readonly code: string | undefined
    readonly text: string
    readonly apiKey: string | undefined
  }) {
    const { status, code, text, apiKey = '' } = reply
    const clean = apiKey === '' ? text : text.replaceAll(apiKey, '[key]')
    super(clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT)}…` : clean)
    this.status = status
    this.code = code
  }
}
