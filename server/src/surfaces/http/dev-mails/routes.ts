import { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import type { MailLog } from '../../../platform/mail/index.ts'
import { LINK_SCRIPT, linkPage } from './link-page.ts'
import { listPage, mailPage } from './mail-pages.ts'
import { framedMail, PAGE_POLICY, SANDBOX_POLICY } from './policies.ts'

/** Who may look. */
interface Visitors {
  /** Only whoever is at this machine. */
  readonly devMailsHere: boolean
  /** The origin of the public URL. */
  readonly ownOrigin: string
}

/**
 * `/dev/mails`: the mails sent, for people who develop. Each shows its text, and its HTML in a frame where nothing runs.
 * The links in them lead to two small pages served here too, `/verify-email` and `/reset-password`, which an
 * application would bring itself. Whoever may not look finds nothing at these addresses.
 */
export function devMails(log: MailLog, visitors: Visitors): Router {
  const routes = Router({ caseSensitive: true, strict: true })
  if (visitors.devMailsHere)
    routes.use(['/dev/mails', '/verify-email', '/reset-password'], onlyHere(visitors))

  routes.get('/dev/mails', async (_req, res) => answerPage(res, listPage(await log.recent())))
  routes.get('/dev/mails/link.js', (_req, res) => void res.type('text/javascript').send(LINK_SCRIPT))
  routes.get('/dev/mails/:id', async (req, res, next) => {
    const mail = await wanted(log, req)
    if (mail === null) next()
    else answerPage(res, mailPage(mail))
  })
  routes.get('/dev/mails/:id/html', async (req, res, next) => {
    const mail = await wanted(log, req)
    if (mail?.content === undefined) next()
    else answerPage(res, framedMail(mail.content.html), SANDBOX_POLICY)
  })
  routes.get('/verify-email', (_req, res) => answerPage(res, linkPage('verify')))
  routes.get('/reset-password', (_req, res) => answerPage(res, linkPage('reset')))
  return routes
}

async function wanted(log: MailLog, req: Request) {
  const id = z.uuid().safeParse(req.params.id)
  return id.success ? await log.find(id.data) : null
}

function answerPage(res: Response, html: string, policy: string = PAGE_POLICY): void {
  res.setHeader('Content-Security-Policy', policy)
  res.type('html').send(html)
}

/**
 * Lets through who comes over the loopback interface, through no proxy, to a name of this machine (a page elsewhere can
 * point its own name here and read what is answered to it).
 */
function onlyHere({ ownOrigin }: Visitors): RequestHandler {
  const names = new Set(['localhost', '127.0.0.1', '[::1]', new URL(ownOrigin).hostname])
  return (req, _res, next) => {
    const { remoteAddress = '' } = req.socket
    const direct = req.get('x-forwarded-for') === undefined && req.get('forwarded') === undefined
    const host = (req.get('host') ?? '').replace(/:\d+$/, '').toLowerCase()
    const here = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/.test(remoteAddress) && direct && names.has(host)
    next(here ? undefined : 'router')
  }
}
