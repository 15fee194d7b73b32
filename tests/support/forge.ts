import { createHmac } from 'node:crypto'
import { createSecrets } from '../../server/src/platform/secrets/index.ts'
import { TEST_SECRET } from './config.ts'

/** The two readable parts of a token. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

/** Takes a token apart without looking at its signature. */
export function partsOf(token: string): TokenParts {
  const [header = '', payload = ''] = token.split('.')
  return { header: decode(header), payload: decode(payload) }
}

/** How a token is put together again. */
export interface ForgeOptions {
  /** Claims as JSON text, for what `JSON.stringify` does not write. */
  readonly claims?: string
  /** The hash of the HMAC. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  /** What to sign with; the server's own key unless told otherwise. */
  readonly key?: string | Uint8Array
  readonly signature?: string
}

/** Signs anything, by default with the very key the server signs access tokens with. */
export function forge({ header, payload }: TokenParts, options: ForgeOptions = {}): string {
  const claims = options.claims ?? JSON.stringify(payload)
  const body = `${encode(JSON.stringify(header))}.${encode(claims)}`
  const mac = createHmac(options.hash ?? 'sha256', options.key ?? serverKey()).update(body)
  return `${body}.${options.signature ?? mac.digest('base64url')}`
}

/** The key of access tokens in servers that run on the tests' secret. */
export function serverKey(secret: string = TEST_SECRET): Uint8Array {
  const [key] = createSecrets(secret, []).keys('access-token')
  if (key === undefined) throw new Error('There is no key')
  return key.bytes
}

function encode(part: string): string {
  return Buffer.from(part).toString('base64url')
}

function decode(part: string): Record<string, unknown> {
  return { ...JSON.parse(Buffer.from(part, 'base64url').toString()) }
}
