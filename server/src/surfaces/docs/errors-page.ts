import { createHash } from 'node:crypto'
import { errorCodes, errorReasons } from '../../contract/errors.ts'
import { allCodes, allReasons } from '../sdk/procedure-errors.ts'
import type { Page } from './page.ts'

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .4rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid #8886 }
td:first-child { white-space: nowrap }
tr:target { background: light-dark(#fff3c4, #4a3f00) }
`
const styleHash = createHash('sha256').update(STYLE).digest('base64')
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  'img-src data:',
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The error catalogue. `#NOT_FOUND` is the place of one, as a problem's `type` ends. */
export function errorsPage(): Page {
  const codes = allCodes().map((code) => {
    const { status, retryable, message } = errorCodes[code]
    return row(code, [String(status), retryable ? 'yes' : 'no', message])
  })
  const reasons = allReasons().map((reason) => {
    const { code, message } = errorReasons[reason]
    return row(reason, [`<a href="#${code}"><code>${code}</code></a>`, message])
  })
  return {
    policy: POLICY,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors · Plinth API</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<p><a href="/docs">Plinth API</a></p>
<h1>Errors</h1>
<p>A failed answer says what in <code>code</code>, why in <code>reason</code> where a program can act on it, and which
fields in <code>issues</code>. Quote its <code>traceId</code> when asking for help.</p>
<h2>Codes</h2>
<table>
<thead><tr><th>code</th><th>HTTP</th><th>try again?</th><th>says</th></tr></thead>
<tbody>
${codes.join('\n')}
</tbody>
</table>
<h2>Reasons</h2>
<table>
<thead><tr><th>reason</th><th>code</th><th>says</th></tr></thead>
<tbody>
${reasons.join('\n')}
</tbody>
</table>
</body>
</html>
`,
  }
}

function row(name: string, cells: readonly string[]): string {
  return `<tr id="${name}"><td><code>${name}</code></td>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}
