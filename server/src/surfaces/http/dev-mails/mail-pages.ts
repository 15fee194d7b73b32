import { escapeHtml, type LoggedMail } from '../../../platform/mail/index.ts'
import { STYLE } from './policies.ts'

/** A page around `body`, which is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>`
}

/** The list of mails, newest first. */
export function listPage(mails: readonly LoggedMail[]): string {
  if (mails.length === 0) return page('Mails', '<p>None yet. Register somebody, and look again.</p>')
  const rows = mails.map(
    (mail) => `<tr><td>${momentOf(mail.createdAt)}</td><td>${escapeHtml(mail.recipient)}</td>
<td><a href="/dev/mails/${mail.id}">${escapeHtml(subjectOf(mail))}</a></td><td>${stateOf(mail)}</td></tr>`,
  )
  return page(
    'Mails',
    `<table><thead><tr><th>Queued (UTC)</th><th>To</th><th>Subject</th><th>State</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
  )
}

/** One mail. */
export function mailPage(mail: LoggedMail): string {
  const { id, recipient, template, createdAt, content } = mail
  const head = `<p><a href="/dev/mails">All mails</a></p>
<p>To ${escapeHtml(recipient)}, ${momentOf(createdAt)} UTC, from the template <code>${escapeHtml(template)}</code>: ${stateOf(mail)}</p>`
  if (content === undefined) {
    return page(
      subjectOf(mail),
      `${head}<p class="bad">It cannot be shown: its template or its data changed.</p>`,
    )
  }
  return page(
    content.subject,
    `${head}
<iframe src="/dev/mails/${id}/html" title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>
<h2>As text</h2>
<pre>${escapeHtml(content.text)}</pre>`,
  )
}

function subjectOf({ content, template }: LoggedMail): string {
  return content?.subject ?? template
}

function stateOf({ sentAt, failedAt, lastError, attempts }: LoggedMail): string {
  if (sentAt !== null) return 'sent'
  const told = lastError === null ? '' : `: ${escapeHtml(lastError)}`
  if (failedAt !== null) return `<span class="bad">given up${told}</span>`
  return lastError === null ? 'waiting' : `<span class="bad">failed ${attempts} times${told}</span>`
}

function momentOf(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}
