import { describe, expect, test } from 'vitest'
import { createSecrets } from './index.ts'

const OLD = 'old-secret-old-secret-old-secret-old-secret'
const NEW = 'new-secret-new-secret-new-secret-new-secret'

describe('sealing', () => {
  test('opens what it sealed, with the same binding only', () => {
    const secrets = createSecrets(NEW)
    const sealed = secrets.seal('answers', Buffer.from('hello'), 'user:1')
    expect(Buffer.from(secrets.open('answers', sealed, 'user:1') ?? []).toString()).toBe('hello')
    expect(secrets.open('answers', sealed, 'user:2')).toBeNull()
    expect(secrets.open('mails', sealed, 'user:1')).toBeNull()
  })

  test('refuses a changed byte and a text that is too short', () => {
    const secrets = createSecrets(NEW)
    const sealed = secrets.seal('answers', Buffer.from('hello'), 'user:1')
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(14) ^ 1, 14)
    expect(secrets.open('answers', changed, 'user:1')).toBeNull()
    expect(secrets.open('answers', sealed.subarray(0, 10), 'user:1')).toBeNull()
  })
})

describe('rotation', () => {
  test('what the previous secret made still holds, and what a removed one made does not', () => {
    const before = createSecrets(OLD)
    const mac = before.mac('links', 'token-1')
    const sealed = before.seal('answers', Buffer.from('hello'), 'user:1')
    const during = createSecrets(NEW, [OLD])
    expect(during.verifyMac('links', 'token-1', mac)).toBe(true)
    expect(during.open('answers', sealed, 'user:1')).not.toBeNull()
    expect(during.mac('links', 'token-1')).not.toBe(mac)
    const after = createSecrets(NEW)
    expect(after.verifyMac('links', 'token-1', mac)).toBe(false)
    expect(after.open('answers', sealed, 'user:1')).toBeNull()
  })

  test('key ids are stable, differ by secret and purpose, and are not the key', () => {
    const [key] = createSecrets(NEW).keys('access-token')
    const [again] = createSecrets(NEW).keys('access-token')
    const [other] = createSecrets(NEW).keys('refresh-token')
    expect(key?.id).toBe(again?.id)
    expect(key?.id).not.toBe(other?.id)
    expect(Buffer.from(key?.bytes ?? []).toString('base64url')).not.toContain(key?.id)
  })
})

test('a MAC of another length is refused without throwing', () => {
  expect(createSecrets(NEW).verifyMac('links', 'token-1', 'short')).toBe(false)
})
