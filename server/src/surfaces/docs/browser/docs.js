/**
 * The page's own part: logging in, and the token with every call. The token is in a variable and nowhere else, so that it
 * is gone with the page.
 */
// The renderer comes after this script. Its schemas would try to compile code, which the page's policy refuses.
globalThis.__zod_globalConfig = { jitless: true }

// Styles that it makes get the nonce it knows only some of them by.
const styleNonce = document.querySelector('meta[property=csp-nonce]').content
const createElement = document.createElement.bind(document)
document.createElement = (name, options) => {
  const element = createElement(name, options)
  if (element instanceof HTMLStyleElement) element.nonce = styleNonce
  return element
}

const loginForm = document.querySelector('#log-in')
const keyForm = document.querySelector('#key')
const who = document.querySelector('#who')
const status = document.querySelector('#status')

/** @type {{ token: string, refreshToken?: string, expiresAt?: number, name: string, isKey?: true } | undefined} */
let credential
let renewing
let reference
let content

const RENEW_BEFORE_MS = 30_000

/** Sends one of our own calls and answers with what came, or throws what a person can read. */
async function call(path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  const value = text === '' ? {} : JSON.parse(text)
  if (!answer.ok) throw new Error(value.detail ?? `The server answered ${answer.status}.`)
  return value
}

function sessionOf(answer, name) {
  return {
    name,
    token: answer.accessToken,
    refreshToken: answer.refreshToken,
    expiresAt: Date.parse(answer.expiresAt),
  }
}

/** The token, renewed when it is about to end. */
async function currentToken() {
  if (credential === undefined) return undefined
  const { refreshToken, expiresAt, name } = credential
  if (refreshToken !== undefined && Date.now() > expiresAt - RENEW_BEFORE_MS) {
    renewing ??= call('/auth/refresh', { refreshToken })
      .then((answer) => {
        credential = sessionOf(answer, name)
      })
      .catch(() => leave('Your session has ended; log in again.'))
      .finally(() => {
        renewing = undefined
      })
    await renewing
  }
  return credential?.token
}

/** Every request of the renderer: to this server with the token, to others not at all. */
async function send(input, init) {
  const request = new Request(input, init)
  if (new URL(request.url).origin !== location.origin) throw new Error('This page calls this server only.')
  const token = await currentToken()
  const given = request.headers.get('authorization') ?? ''
  if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`)
  else if (/^Bearer\s*$/i.test(given)) request.headers.delete('authorization')
  return fetch(request, { credentials: 'omit' })
}

async function show() {
  if (reference !== undefined) {
    reference.updateConfiguration(configuration())
    return
  }
  const answer = await send('/openapi.json')
  if (answer.status === 401) return say('Log in as an admin to read this.')
  if (!answer.ok) return say('Only admins may read this.', true)
  content = await answer.json()
  say('')
  reference = globalThis.Scalar.createApiReference('#reference', configuration())
}

/** The renderer's settings: nothing but this server, and the token where it shows who calls. */
function configuration() {
  const token = credential?.token ?? ''
  return {
    content,
    servers: [{ url: `${location.origin}/api/v1`, description: 'This server' }],
    customFetch: send,
    authentication: {
      preferredSecurityScheme: credential?.isKey ? 'apiKey' : 'session',
      securitySchemes: { session: { token }, apiKey: { token } },
    },
    agent: { disabled: true },
    mcp: { disabled: true },
    telemetry: false,
    persistAuth: false,
    withDefaultFonts: false,
    hideClientButton: true,
    showDeveloperTools: 'never',
    hiddenClients: true,
    documentDownloadType: 'none',
    defaultOpenFirstTag: false,
  }
}

function say(text, isBad = false) {
  status.textContent = text
  status.className = isBad ? 'bad' : ''
}

async function enter(next) {
  credential = next
  loginForm.reset()
  keyForm.reset()
  loginForm.hidden = true
  keyForm.hidden = true
  who.hidden = false
  who.querySelector('span').textContent = next.name
  say('')
  await show()
}

function leave(text = '') {
  credential = undefined
  reference?.updateConfiguration(configuration())
  who.hidden = true
  loginForm.hidden = false
  say(text, text !== '')
}

loginForm.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { email, password } = Object.fromEntries(new FormData(loginForm))
  try {
    const answer = await call('/auth/login', { email, password })
    await enter(sessionOf(answer, answer.user.email))
  } catch (error) {
    say(error.message, true)
  }
})

keyForm.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { key } = Object.fromEntries(new FormData(keyForm))
  await enter({ token: key.trim(), name: `API key ${key.trim().slice(0, 12)}…`, isKey: true })
})

document.querySelector('#use-key').addEventListener('click', () => {
  loginForm.hidden = true
  keyForm.hidden = false
})
document.querySelector('#use-password').addEventListener('click', () => {
  keyForm.hidden = true
  loginForm.hidden = false
})
document.querySelector('#log-out').addEventListener('click', async () => {
  const { token, refreshToken } = credential ?? {}
  leave()
  if (refreshToken !== undefined) {
    await fetch('/api/v1/auth/logout', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  }
})

document.addEventListener('DOMContentLoaded', () => {
  show().catch((error) => say(error.message, true))
})
