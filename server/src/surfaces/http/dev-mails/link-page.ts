import { page } from './mail-pages.ts'

/** The page that a link in a mail leads to, where no application serves one. */
export function linkPage(kind: 'verify' | 'reset'): string {
  const [title, label, field] =
    kind === 'verify'
      ? ['Confirm your e-mail address', 'Confirm', '']
      : [
          'Set a new password',
          'Set the password',
          '<label>New password <input type="password" name="password" autocomplete="new-password" required></label>',
        ]
  return page(
    title,
    `<form data-kind="${kind}">${field}<button>${label}</button></form>
<p role="status"></p>
<p class="muted">This page stands in for your application’s, in development only.</p>
<script src="/dev/mails/link.js"></script>`,
  )
}

/** Reads the secret behind the #, takes it out of the address, and hands it to the procedure. */
export const LINK_SCRIPT = `'use strict'
const form = document.querySelector('form')
const status = document.querySelector('[role=status]')
const token = new URLSearchParams(location.hash.slice(1)).get('token')
history.replaceState(null, '', location.pathname)
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const reset = form.dataset.kind === 'reset'
  const input = reset ? { token, password: form.elements.password.value } : { token }
  const answer = await fetch('/trpc/' + (reset ? 'auth.resetPassword' : 'auth.verifyEmail'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  const body = await answer.json()
  form.hidden = answer.ok
  status.className = answer.ok ? '' : 'bad'
  const issues = body.error?.data?.issues ?? []
  status.textContent = answer.ok
    ? reset ? 'The password is set. Log in with it.' : 'The address is confirmed.'
    : [body.error.message, ...issues.map((issue) => issue.message)].join(' ')
})
`
