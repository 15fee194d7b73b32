import { escapeHtml, type MailContent } from './mail-template.ts'

/** A mail as plain words; both of its forms are made from them. */
export interface Letter {
  readonly appName: string
  readonly subject: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  /** What somebody else wrote, shown as theirs. */
  readonly quote?: { readonly title: string; readonly text: string }
  readonly action?: { readonly label: string; readonly url: string }
  readonly closing: string
}

/**
 * The text and HTML of a letter. Everything is escaped: names are what people typed. Only `action` becomes a link, and
 * its address is shown.
 */
export function layOut(letter: Letter): MailContent {
  return { subject: oneLine(letter.subject), text: textOf(letter), html: htmlOf(letter) }
}

function textOf({ greeting, paragraphs, quote, action, closing }: Letter): string {
  const parts = [
    oneLine(greeting),
    ...paragraphs.map(oneLine),
    ...(quote === undefined
      ? []
      : [[oneLine(quote.title), '', ...linesOf(quote.text)].map(quoted).join('\n')]),
    ...(action === undefined ? [] : [`${action.label}:\n${action.url}`]),
    `-- \n${closing}`,
  ]
  return `${parts.join('\n\n')}\n`
}

function quoted(line: string): string {
  return line === '' ? '>' : `> ${line}`
}

/** Readable on white and on black: text has the reader's own colours, everything else half-transparent grey. */
const STYLE = {
  body: 'margin:0;padding:0',
  page: 'max-width:560px;margin:0 auto;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif',
  name: 'margin:0 0 24px;padding:0 0 12px;border-bottom:1px solid rgba(128,128,128,.4);font-weight:600',
  line: 'margin:0 0 16px',
  quote: 'margin:0 0 16px;padding:4px 0 4px 16px;border-left:4px solid rgba(128,128,128,.5)',
  button:
    'display:inline-block;padding:10px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none',
  small: 'margin:0 0 16px;font-size:13px;opacity:.75;word-break:break-all',
  closing:
    'margin:24px 0 0;padding:12px 0 0;border-top:1px solid rgba(128,128,128,.4);font-size:13px;opacity:.75',
} as const

function htmlOf({ appName, subject, greeting, paragraphs, quote, action, closing }: Letter): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(oneLine(subject))}</title></head>`,
    `<body style="${STYLE.body}"><div style="${escapeHtml(STYLE.page)}">`,
    element('p', STYLE.name, escapeHtml(appName)),
    ...[greeting, ...paragraphs].map((line) => element('p', STYLE.line, escapeHtml(oneLine(line)))),
    ...(quote === undefined ? [] : [quoteHtml(quote)]),
    ...(action === undefined ? [] : actionHtml(action)),
    element('p', STYLE.closing, escapeHtml(closing)),
    '</div></body></html>',
  ].join('\n')
}

function quoteHtml({ title, text }: { readonly title: string; readonly text: string }): string {
  const lines = linesOf(text).map(escapeHtml).join('<br>')
  return element('blockquote', STYLE.quote, `<strong>${escapeHtml(oneLine(title))}</strong><br><br>${lines}`)
}

function actionHtml({ label, url }: { readonly label: string; readonly url: string }): string[] {
  const address = escapeHtml(url)
  return [
    element('p', STYLE.line, `<a href="${address}" style="${STYLE.button}">${escapeHtml(label)}</a>`),
    element(
      'p',
      STYLE.small,
      `Or open this address:<br><a href="${address}" style="color:inherit">${address}</a>`,
    ),
  ]
}

function element(name: string, style: string, content: string): string {
  return `<${name} style="${style}">${content}</${name}>`
}

/** Names must not start new lines: not in a header, and not to write paragraphs of their own. */
function oneLine(text: string): string {
  return text.replace(/\p{C}|\p{Z}/gu, ' ')
}

/** The lines of a longer text, without what would turn the rest of the mail around or hide in it. */
function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => line.replace(/[^\P{C}\u200d]/gu, ' ').trimEnd())
}
