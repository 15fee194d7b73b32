import type { Clock } from '../../platform/clock.ts'
import { uuidFrom } from '../../platform/ids.ts'
import type { Secrets } from '../../platform/secrets/index.ts'

const PURPOSE = 'file-link'
const LIFE_MS = 5 * 60_000
const ID_BYTES = 16
const BODY_BYTES = 3 * ID_BYTES + 1 + 4
const MAC_BYTES = 32
const VIA = ['session', 'apiKey'] as const

/** What a link says, once its MAC holds: who may read what until when, as long as their credential does. */
export interface FileLink {
  readonly fileId: string
  readonly userId: string
  readonly via: LinkedCredential
}

/** What a link was made with. */
export interface LinkedCredential {
  readonly kind: (typeof VIA)[number]
  readonly id: string
}

/** Links that download one file for some minutes. Nothing is stored: a link is a MAC over what it says. */
export interface FileLinks {
  issue(link: FileLink): { token: string; expiresAt: Date }
  /** Null when it was not made here, is for another file, or its time is over. */
  read(fileId: string, token: string): FileLink | null
}

/** Builds {@link FileLinks}. */
export function createFileLinks(secrets: Pick<Secrets, 'mac' | 'verifyMac'>, clock: Clock): FileLinks {
  return {
    issue({ fileId, userId, via }) {
      const seconds = Math.floor((clock.now().getTime() + LIFE_MS) / 1_000)
      const body = Buffer.alloc(BODY_BYTES)
      for (const [index, id] of [fileId, userId, via.id].entries()) {
        body.write(id.replaceAll('-', ''), index * ID_BYTES, 'hex')
      }
      body.writeUInt8(VIA.indexOf(via.kind), 3 * ID_BYTES)
      body.writeUInt32BE(seconds, 3 * ID_BYTES + 1)
      const mac = Buffer.from(secrets.mac(PURPOSE, body.toString('hex')), 'base64url')
      return {
        token: Buffer.concat([body, mac]).toString('base64url'),
        expiresAt: new Date(seconds * 1_000),
      }
    },
    read(fileId, token) {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length !== BODY_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null
      const body = bytes.subarray(0, BODY_BYTES)
      if (!secrets.verifyMac(PURPOSE, body.toString('hex'), bytes.subarray(BODY_BYTES).toString('base64url')))
        return null
      const id = (index: number): string => uuidFrom(body.subarray(index * ID_BYTES, (index + 1) * ID_BYTES))
      const kind = VIA[body.readUInt8(3 * ID_BYTES)]
      const isOver = body.readUInt32BE(3 * ID_BYTES + 1) * 1_000 <= clock.now().getTime()
      if (kind === undefined || isOver || id(0) !== fileId) return null
      return { fileId, userId: id(1), via: { kind, id: id(2) } }
    },
  }
}
