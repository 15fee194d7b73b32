import { uuidFrom } from '../ids.ts'
import type { Secrets } from '../secrets/index.ts'

const ID_BYTES = 16
const NUMBER_BYTES = 4
const MAC_BYTES = 32
const LENGTH = ID_BYTES + NUMBER_BYTES + MAC_BYTES
const MAX_NUMBER = 0x7fff_ffff

/** What a token stands for: a row, and which of its successive tokens this is. */
export interface MacTokenContent {
  /** A UUID. */
  readonly id: string
  /** 0 to 2³¹ − 1. */
  readonly number: number
}

/** Opaque tokens that need no storage: id, number and an HMAC over both (256 bits). A row alone makes no token. */
export interface MacTokens {
  /** The same content always gives the same token. */
  issue(content: MacTokenContent): string
  /** What the token stands for, or null when it was not made here for this purpose, or is spelled otherwise. */
  read(token: string): MacTokenContent | null
}

/** Builds tokens of one purpose, which start with `prefix`. */
export function createMacTokens(
  secrets: Pick<Secrets, 'mac' | 'verifyMac'>,
  purpose: string,
  prefix: string,
): MacTokens {
  return {
    issue(content) {
      if (content.number > MAX_NUMBER) throw new RangeError('The number of a token has 31 bits')
      const body = bodyOf(content)
      const mac = Buffer.from(secrets.mac(purpose, body.toString('hex')), 'base64url')
      return prefix + Buffer.concat([body, mac]).toString('base64url')
    },
    read(token) {
      if (!token.startsWith(prefix) || token.length > prefix.length + 2 * LENGTH) return null
      const text = token.slice(prefix.length)
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length !== LENGTH || bytes.toString('base64url') !== text) return null
      const body = bytes.subarray(0, ID_BYTES + NUMBER_BYTES)
      const mac = bytes.subarray(ID_BYTES + NUMBER_BYTES).toString('base64url')
      if (!secrets.verifyMac(purpose, body.toString('hex'), mac)) return null
      return { id: uuidFrom(body.subarray(0, ID_BYTES)), number: body.readUInt32BE(ID_BYTES) }
    },
  }
}

function bodyOf({ id, number }: MacTokenContent): Buffer {
  const body = Buffer.alloc(ID_BYTES + NUMBER_BYTES)
  body.write(id.replaceAll('-', ''), 'hex')
  body.writeUInt32BE(number, ID_BYTES)
  return body
}
