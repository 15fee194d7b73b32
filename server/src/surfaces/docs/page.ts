import { randomBytes } from 'node:crypto'
import type { Assets } from './assets.ts'
import type { DocsAccess } from './reader-check.ts'

/** A page with the policy it is sent with. */
export interface Page {
  readonly html: string
  readonly policy: string
}

/**
 * The shell of `/docs`: nothing of the API is in it. Scripts run that carry the nonce of this answer, and nothing else;
 * the page can reach this server, and nothing else. A link carries no token, so there is none to what only admins may read.
 */
export function docsPage({ script, style, renderer }: Assets, access: DocsAccess): Page {
  const nonce = randomBytes(18).toString('base64url')
  // The renderer takes it from the head for the styles it writes; it opens no script.
  const styleNonce = randomBytes(18).toString('base64url')
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${styleNonce}'`,
    // Styles in attributes of what the renderer writes; they can show, and neither load nor run.
    "style-src-attr 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${styleNonce}">
<title>Plinth API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/${style}" nonce="${styleNonce}">
<script src="/docs/assets/${script}" nonce="${nonce}" defer></script>
<script src="/docs/assets/${renderer}" nonce="${nonce}" defer></script>
</head>
<body>
<header class="bar">
<strong>Plinth API</strong>
<nav${access === 'public' ? '' : ' hidden'}><a href="/docs/errors">Errors</a> <a href="/openapi.json">openapi.json</a> <a href="/llms.txt">llms.txt</a></nav>
<form id="log-in" aria-label="Log in">
<label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
<button type="button" id="use-key">Use an API key</button>
</form>
<form id="key" aria-label="API key" hidden>
<label>API key <input name="key" type="password" autocomplete="off" spellcheck="false" required></label>
<button>Use it</button>
<button type="button" id="use-password">Log in instead</button>
</form>
<p id="who" hidden><span></span> <button type="button" id="log-out">Log out</button></p>
<p id="status" role="status"></p>
</header>
<main id="reference"></main>
<noscript>This page needs JavaScript; <a href="/openapi.json">openapi.json</a> and <a href="/llms.txt">llms.txt</a> do not.</noscript>
</body>
</html>
`
  return { html, policy }
}
