import { jwtVerify, SignJWT } from 'jose'

const secret = new TextEncoder().encode(process.env.PEER_SECRET ?? '')

/** The user a token names; undefined when it does not hold. */
export async function verifyToken(token: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, secret)
    return payload.sub
  } catch {
    return undefined
  }
}

/** A token for `userId`; the bench makes its own with `key` instead of 1,000 log-ins. */
export function signToken(userId: string, key: Uint8Array = secret): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('12h')
    .sign(key)
}
