import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decide, shareOf } from './flag-rules.ts'
import type { FlagSubject } from './flag-subject.ts'
import { flagNames, flags } from './flags.ts'

const user = { id: randomUUID(), role: 'user', betaTester: false, subscriptionTier: 'free' } as const
const nobody: FlagSubject = { environment: 'production', user: undefined }
const someone = (
  attributes: Partial<FlagSubject['user']> = {},
  rest: Partial<FlagSubject> = {},
): FlagSubject => ({
  environment: 'production',
  user: { ...user, ...attributes },
  ...rest,
})

/** The flags that are on for `subject` as the code declares them. */
function onFor(subject: FlagSubject): string[] {
  return flagNames.filter((name) => decide(name, flags[name], subject).value)
}

describe('the flags of the code', () => {
  it.each([
    ['nobody', nobody, []],
    ['nobody in development', { ...nobody, environment: 'development' }, ['new_dashboard']],
    ['a user', someone(), ['ai_chat']],
    ['a user in development', someone({}, { environment: 'development' }), ['new_dashboard', 'ai_chat']],
    ['a beta tester', someone({ betaTester: true }), ['new_dashboard', 'ai_chat']],
    ['who pays', someone({ subscriptionTier: 'premium' }), ['ai_chat', 'advanced_analytics']],
  ] as const)('are for %s what the guide says', (_name, subject, expected) => {
    expect(onFor(subject)).toEqual(expected)
  })
})

describe('rules', () => {
  it('decide in order, and the default where none speaks', () => {
    const rules = {
      default: true,
      rules: [
        { userIds: [user.id], value: true },
        { roles: ['user' as const], value: false },
      ],
    }
    expect(decide('x', rules, someone())).toEqual({ value: true, rule: 0 })
    expect(decide('x', rules, someone({ id: randomUUID() }))).toEqual({ value: false, rule: 1 })
    expect(decide('x', rules, someone({ id: randomUUID(), role: 'admin' }))).toEqual({
      value: true,
      rule: undefined,
    })
  })

  it('speak only of those of whom all conditions are true', () => {
    const rule = { betaTester: true, subscriptionTiers: ['premium' as const], value: true }
    const on = (attributes: Partial<FlagSubject['user']>) =>
      decide('x', { default: false, rules: [rule] }, someone(attributes)).value
    expect(on({ betaTester: true, subscriptionTier: 'premium' })).toBe(true)
    expect(on({ betaTester: true })).toBe(false)
    expect(on({ subscriptionTier: 'premium' })).toBe(false)
  })

  it('with conditions on users never speak of somebody without an account, except to say no beta tester', () => {
    const each = [
      { userIds: [user.id] },
      { roles: ['user' as const] },
      { subscriptionTiers: ['free' as const] },
      { percentage: 100 },
      { signedIn: true },
      { betaTester: true },
    ]
    for (const rule of each) {
      expect(decide('x', { default: false, rules: [{ ...rule, value: true }] }, nobody).value).toBe(false)
    }
    expect(decide('x', { default: false, rules: [{ betaTester: false, value: true }] }, nobody).value).toBe(
      true,
    )
    expect(decide('x', { default: false, rules: [{ signedIn: false, value: true }] }, nobody).value).toBe(
      true,
    )
  })
})

describe('a percentage', () => {
  const ids = Array.from({ length: 20_000 }, () => randomUUID())

  it('is that part of the users, within what chance allows', () => {
    for (const percentage of [0, 1, 25, 50, 100]) {
      const part = ids.filter((id) => shareOf('some_flag', id) < percentage).length / ids.length
      // Four standard deviations of a binomial draw.
      const allowed = 4 * Math.sqrt(((percentage / 100) * (1 - percentage / 100)) / ids.length)
      expect(Math.abs(part - percentage / 100)).toBeLessThanOrEqual(allowed)
    }
  })

  it('keeps those it had when it rises, and does not choose the same ones for every flag', () => {
    const first = (flag: string, percentage: number) => ids.filter((id) => shareOf(flag, id) < percentage)
    const tenth = first('one', 10)
    const fifth = new Set(first('one', 20))
    expect(tenth.every((id) => fifth.has(id))).toBe(true)
    const other = new Set(first('other', 10))
    const both = tenth.filter((id) => other.has(id)).length
    // A tenth of a tenth, not all of it.
    expect(both / tenth.length).toBeLessThan(0.2)
  })

  it('is the same in every process and version: these shares are fixed', () => {
    expect(shareOf('ai_chat', '00000000-0000-4000-8000-000000000001')).toMatchInlineSnapshot(
      `26.63095856551081`,
    )
  })
})
