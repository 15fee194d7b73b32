import type { Logger } from '../../../platform/logger.ts'
import type { Secrets } from '../../../platform/secrets/index.ts'
import type { StoredKey } from './user-settings.ts'

const PURPOSE = 'provider-keys'
const SHOWN = 4
/** Of a key this short, four characters would be too much of it. */
const SHORT = 12

/** Whose key it is, and where it may be sent. */
export interface KeyPlace {
  readonly userId: string
  readonly provider: string
  readonly baseUrl: string | null
}

/**
 * Seals users' own keys (AES-256-GCM), bound to their owner, provider and address: a row that was copied to another
 * owner, or whose address was changed, does not open.
 */
export interface KeyVault {
  seal(apiKey: string, place: KeyPlace): Uint8Array<ArrayBuffer>
  /** The key; undefined, and a line in the log, when it does not open. */
  open(stored: Pick<StoredKey, 'id' | 'provider' | 'sealed' | 'baseUrl'>, userId: string): string | undefined
}

/** Builds the {@link KeyVault}. */
export function createKeyVault({ secrets, logger }: { secrets: Secrets; logger: Logger }): KeyVault {
  return {
    seal: (apiKey, place) => secrets.seal(PURPOSE, Buffer.from(apiKey), boundTo(place)),
    open({ id, provider, sealed, baseUrl }, userId) {
      const plain = secrets.open(
        PURPOSE,
        Buffer.from(sealed, 'base64'),
        boundTo({ userId, provider, baseUrl }),
      )
      if (plain !== null) return Buffer.from(plain).toString()
      logger.error('A stored provider key does not open and is not used', { keyId: id, userId, provider })
      return undefined
    },
  }
}

/** The end of a key, by which a person tells it from others. */
export function lastFourOf(apiKey: string): string {
  return apiKey.length < SHORT ? '••••' : apiKey.slice(-SHOWN)
}

function boundTo({ userId, provider, baseUrl }: KeyPlace): string {
  return JSON.stringify([userId, provider, baseUrl])
}
