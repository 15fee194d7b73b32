import { jwtVerify, SignJWT } from 'jose'

const secret = new TextEncoder().encode(process.env.USUAL_SECRET ?? '')

/** The user a token names. */
export async function verifyToken(token: string): Promise<string | undefined> {
  const { payload } = await jwtVerify(token, secret)
  return payload.sub
}

/** A token for `userId`, made with `key`; the bench hands them out instead of a log-in. */
export function signToken(userId: string, key: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(key))
}
