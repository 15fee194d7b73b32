import { createHash } from 'node:crypto'

/** The style of these pages; no other may apply. */
export const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .4rem .6rem; text-align: left; border-bottom: 1px solid #8886; overflow-wrap: anywhere }
th { overflow-wrap: normal }
iframe { width: 100%; height: 34rem; border: 1px solid #8886; border-radius: 6px; background: Canvas }
pre { padding: .8rem; border: 1px solid #8886; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere }
form { display: grid; gap: .8rem; max-width: 24rem }
input, button { font: inherit; padding: .5rem }
.muted { opacity: .7 }
.bad { color: light-dark(#b00020, #ff8a80) }
`

const styleHash = createHash('sha256').update(STYLE).digest('base64')

/** Nothing but our style, our one script and frames of our own; nobody frames these pages. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "script-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** A mail: no script, form or request of any kind; its links open in pages of their own. */
export const SANDBOX_POLICY = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "frame-ancestors 'self'",
].join('; ')

/** The HTML of a mail, with its links opening outside of the frame. */
export function framedMail(html: string): string {
  return html.replace('<head>', '<head><base target="_blank">')
}
