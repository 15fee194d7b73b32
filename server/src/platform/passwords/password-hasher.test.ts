import { afterAll, describe, expect, it } from 'vitest'
import { WorkQueueFullError } from '../limits/index.ts'
import { createSecrets } from '../secrets/index.ts'
import { createPasswordHasher } from './password-hasher.ts'

const OLD = 'a-secret-of-enough-characters-to-sign-with'
const hasher = createPasswordHasher({ secrets: createSecrets(OLD), cost: 4, queueSize: 100 })
afterAll(() => hasher.close())

const right = { matches: true, outdated: false }

describe('password hasher', () => {
  it('stores bcrypt of the configured cost with the name of its pepper', async () => {
    expect(await hasher.hash('teal otter climbs')).toMatch(/^\$2b\$04\$[./\w]{53}:[\w-]{8}$/)
  })

  it('looks at every character, past 72 bytes and past NUL', async () => {
    const pairs = [
      [`${'a'.repeat(72)}X`, `${'a'.repeat(72)}Y`],
      [`${'😀'.repeat(39)}😁`, `${'😀'.repeat(39)}😂`],
      ['pass\0A', 'pass\0B'],
    ] as const
    for (const [one, other] of pairs) {
      const stored = await hasher.hash(one)
      expect(await hasher.verify(one, stored)).toEqual(right)
      expect((await hasher.verify(other, stored)).matches).toBe(false)
    }
  })

  it('takes both Unicode spellings for one password, and cases for two', async () => {
    const stored = await hasher.hash('café au lait, s’il vous plaît'.normalize('NFD'))
    expect(await hasher.verify('café au lait, s’il vous plaît'.normalize('NFC'), stored)).toEqual(right)
    expect((await hasher.verify('Café au lait, s’il vous plaît', stored)).matches).toBe(false)
  })

  it('answers no where there is no account or the hash is not one of ours', async () => {
    expect((await hasher.verify('x', null)).matches).toBe(false)
    expect((await hasher.verify('x', 'nonsense')).matches).toBe(false)
  })

  it('asks for a new hash when the cost rises or the secret changes, and still knows the password', async () => {
    const stored = await hasher.hash('teal otter climbs')
    const stronger = createPasswordHasher({ secrets: createSecrets(OLD), cost: 5, queueSize: 9 })
    const renewed = createPasswordHasher({
      secrets: createSecrets('another-secret-of-enough-characters-to-sign', [OLD]),
      cost: 4,
      queueSize: 9,
    })
    const outdated = { matches: true, outdated: true }
    expect(await stronger.verify('teal otter climbs', stored)).toEqual(outdated)
    expect(await renewed.verify('teal otter climbs', stored)).toEqual(outdated)
    await Promise.all([stronger.close(), renewed.close()])
  })

  it('takes as long for a wrong password of an account with an older cost as for no account', async () => {
    const stored = await hasher.hash('teal otter climbs')
    const stronger = createPasswordHasher({ secrets: createSecrets(OLD), cost: 11, queueSize: 9 })
    const timed = async (hash: string | null) => {
      const started = performance.now()
      expect(await stronger.verify('wrong', hash)).toMatchObject({ matches: false })
      return performance.now() - started
    }
    const ratios: number[] = []
    await timed(null)
    for (let round = 0; round < 3; round += 1) ratios.push((await timed(stored)) / (await timed(null)))
    // Without the difference it is 2^7 times faster.
    expect(Math.max(...ratios)).toBeGreaterThan(0.5)
    await stronger.close()
  })

  it('refuses at once what the queue has no place for', async () => {
    const small = createPasswordHasher({ secrets: createSecrets(OLD), cost: 8, queueSize: 2 })
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => small.hash('teal otter')))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(WorkQueueFullError)
    expect(await small.hash('teal otter')).toContain('$2b$08$')
    await small.close()
  })
})
