import { type Response, Router } from 'express'
import { once } from '../../contract/once.ts'
import { handle } from '../http/request.ts'
import { type StoredText, sendText, storedText } from '../http/stored-text.ts'
import type { SurfaceOptions } from '../http/surface-options.ts'
import { openApiDocument } from '../openapi/index.ts'
import type { RestRoute } from '../rest/route.ts'
import { assets } from './assets.ts'
import { errorsPage } from './errors-page.ts'
import { fullText, indexText } from './llms-text.ts'
import { docsPage } from './page.ts'
import { type DocsAccess, readerCheck } from './reader-check.ts'

/** What the description of the API is made of. */
export interface DocsOptions {
  readonly routes: readonly RestRoute[]
  readonly access: DocsAccess
  /** The origin that examples call. */
  readonly origin: string
}

/**
 * `/docs`, `/openapi.json`, `/llms.txt` (docs/openapi.md). For `admin` the page itself is a shell without content that
 * anyone gets; it asks to log in and fetches the rest as who logged in.
 */
export function docsSurface(options: SurfaceOptions, { routes, access, origin }: DocsOptions): Router {
  const router = Router({ caseSensitive: true, strict: true })
  if (access === 'off') return router
  const { registry } = options
  const mayRead = readerCheck(options, access)
  const caching = access === 'public' ? 'public, no-cache' : 'private, no-cache'

  // A server that nobody reads about spends nothing on them.
  const texts: Readonly<Record<string, () => StoredText>> = {
    '/openapi.json': once(() =>
      storedText('application/json', JSON.stringify(openApiDocument({ registry, routes, origin }))),
    ),
    '/llms.txt': once(() => storedText('text/plain', indexText(registry, routes, origin))),
    '/llms-full.txt': once(() => storedText('text/plain', fullText(registry, routes, origin))),
  }
  for (const [path, text] of Object.entries(texts)) {
    router.get(
      path,
      handle(async (req, res) => {
        if (!(await mayRead(req, res))) return
        res.setHeader('Cache-Control', caching)
        if (access === 'admin') res.vary('Authorization')
        await sendText(req, res, text())
      }),
    )
  }
  router.get(
    '/docs/errors',
    handle(async (req, res) => {
      if (await mayRead(req, res)) sendPage(res, errorsPage())
    }),
  )
  router.get(
    '/docs',
    handle(async (_req, res) => sendPage(res, await docsPage(await assets(), access))),
  )
  router.get(
    '/docs/assets/:name',
    handle(async (req, res) => {
      const asset = (await assets()).byName.get(String(req.params.name))
      // As for any address where nothing is: the end of the line answers.
      if (asset === undefined) return void req.next?.()
      res.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
      await sendText(req, res, asset)
    }),
  )
  return router
}

function sendPage(res: Response, { html, policy }: { readonly html: string; readonly policy: string }): void {
  res.setHeader('Content-Security-Policy', policy)
  res.type('html').send(html)
}
