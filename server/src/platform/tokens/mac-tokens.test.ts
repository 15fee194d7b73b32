import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createSecrets } from '../secrets/index.ts'
import { createMacTokens } from './mac-tokens.ts'

const secrets = createSecrets('a-secret-of-enough-characters-to-sign-with')
const tokens = createMacTokens(secrets, 'refresh-token', 'prt_')
const content = { id: randomUUID(), number: 7 }

it('gives back what it was made of, and the same token for the same content', () => {
  expect(tokens.read(tokens.issue(content))).toEqual(content)
  expect(tokens.issue(content)).toBe(tokens.issue(content))
})

it('refuses what was made for another purpose, changed, or spelled otherwise', () => {
  const token = tokens.issue(content)
  const other = createMacTokens(secrets, 'reset-password', 'prt_').issue(content)
  const changed = `prt_${Buffer.from(token.slice(4), 'base64url').fill(9, 19, 20).toString('base64url')}`
  for (const text of [other, changed, `${token}=`, ` ${token}`, token.slice(4), `${token}AAAA`, '', 'prt_']) {
    expect(tokens.read(text), text).toBeNull()
  }
})
