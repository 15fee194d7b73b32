import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Keys derived from the configured secrets (HKDF-SHA-256, RFC 5869), one per purpose, so that no key serves two ends. */
export interface Secrets {
  /** Keys for `purpose`, the current one first; older ones verify what was made before a rotation. */
  keys(purpose: string): readonly DerivedKey[]
  /** HMAC-SHA-256 of `data` with the current key of `purpose`, base64url. */
  mac(purpose: string, data: string): string
  /** Whether `mac` was made over `data` with any key of `purpose`; compares in constant time. */
  verifyMac(purpose: string, data: string, mac: string): boolean
  /** Encrypts with AES-256-GCM; `boundTo` must be the same when opening. */
  seal(purpose: string, plain: Uint8Array, boundTo: string): Uint8Array<ArrayBuffer>
  /** Decrypts what {@link Secrets.seal} made; null when it was not made here or was changed. */
  open(purpose: string, sealed: Uint8Array, boundTo: string): Uint8Array | null
}

/** A key and a public name for it. */
export interface DerivedKey {
  /** Short fingerprint, safe to publish as a JWT `kid`. */
  readonly id: string
  readonly bytes: Uint8Array
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Builds {@link Secrets} from the current secret and those it replaced (at least 32 bytes each; config checks that). */
export function createSecrets(current: string, previous: readonly string[] = []): Secrets {
  const derived = new Map<string, DerivedKey[]>()

  const keys = (purpose: string): DerivedKey[] => {
    const known = derived.get(purpose)
    if (known !== undefined) return known
    const made = [current, ...previous].map((secret) => deriveKey(secret, purpose))
    derived.set(purpose, made)
    return made
  }
  const currentKey = (purpose: string): DerivedKey => keys(purpose)[0] ?? deriveKey(current, purpose)

  return {
    keys,
    mac: (purpose, data) => createHmac('sha256', currentKey(purpose).bytes).update(data).digest('base64url'),
    verifyMac(purpose, data, mac) {
      const given = Buffer.from(mac)
      return keys(purpose).some((key) => {
        const expected = Buffer.from(createHmac('sha256', key.bytes).update(data).digest('base64url'))
        return expected.length === given.length && timingSafeEqual(expected, given)
      })
    },
    seal(purpose, plain, boundTo) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', currentKey(purpose).bytes, nonce).setAAD(
        Buffer.from(boundTo),
      )
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(purpose, sealed, boundTo) {
      for (const key of keys(purpose)) {
        const plain = openWith(key.bytes, sealed, boundTo)
        if (plain !== null) return plain
      }
      return null
    },
  }
}

function deriveKey(secret: string, purpose: string): DerivedKey {
  const derive = (info: string, length: number) =>
    new Uint8Array(hkdfSync('sha256', secret, 'plinth', info, length))
  return { id: Buffer.from(derive(`${purpose}:id`, 6)).toString('base64url'), bytes: derive(purpose, 32) }
}

function openWith(key: Uint8Array, sealed: Uint8Array, boundTo: string): Uint8Array | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return null
  }
}
