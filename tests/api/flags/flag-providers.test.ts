import { InMemoryProvider } from '@openfeature/server-sdk'
import { describe, expect, test } from 'vitest'
import { createApplication } from '../../../server/src/app.ts'
import { createFlagClient, type FlagProvider } from '../../../server/src/platform/flags/flag-client.ts'
import { databaseKind } from '../../support/database.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { mutate, query } from '../../support/http.ts'
import { addPerson, logIn } from '../../support/people.ts'
import { startServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

const FOR_NOBODY_ELSE = { new_dashboard: false, ai_chat: true, advanced_analytics: false }

describe('another OpenFeature provider', () => {
  test('decides the flags it knows, by what it is told of the caller; nobody else’s are touched', async () => {
    const flagProvider = new InMemoryProvider({
      new_dashboard: {
        variants: { on: true, off: false },
        defaultVariant: 'off',
        disabled: false,
        contextEvaluator: ({ role, environment }) =>
          role === 'admin' && environment === 'test' ? 'on' : 'off',
      },
      ai_chat: { variants: { on: true, off: false }, defaultVariant: 'off', disabled: false },
    })
    await using server = await startServer({ overrides: { flagProvider } })
    await using other = await startServer()
    const admin = await addPerson(server, 'admin', 'admin')
    const user = await addPerson(server)
    const stranger = await addPerson(other)
    const mine = async (at: typeof server, who: typeof user) =>
      expectOk(await query(at.baseUrl, 'flags.mine', undefined, who)).data
    expect(await mine(server, admin)).toEqual({
      new_dashboard: true,
      ai_chat: false,
      advanced_analytics: false,
    })
    expect(await mine(server, user)).toEqual({
      new_dashboard: false,
      ai_chat: false,
      advanced_analytics: false,
    })
    expect(await mine(other, stranger)).toEqual(FOR_NOBODY_ELSE)

    const refused = expectRefused(
      await mutate(server.baseUrl, 'flags.set', { flag: 'ai_chat', default: true }, admin),
      412,
    )
    expect(refused.error?.message).toContain('in-memory')
  })

  test('that fails, or never begins, leaves the flags as the code declares them', async () => {
    const failing = providerThat(async () => {
      throw new Error('The flag service is down')
    })
    const sleeping = { ...failing, initialize: () => new Promise<void>(() => undefined) }
    const broken = { ...failing, initialize: async () => Promise.reject(new Error('No licence')) }
    for (const [flagProvider, limits] of [
      [failing],
      [broken],
      [sleeping, { startMs: 50, answerMs: 50 }],
    ] as const) {
      const warnings: unknown[] = []
      const logger = { warn: (...line: unknown[]) => void warnings.push(line) }
      const client = createFlagClient({
        provider: flagProvider,
        logger,
        ...(limits === undefined ? {} : { limits }),
      })
      await client.start()
      expect(await client.isOn('ai_chat', {}, true)).toBe(true)
      expect(await client.isOn('new_dashboard', {}, false)).toBe(false)
      expect(warnings).toHaveLength(1)
      client.close()
    }
    await using server = await startServer({ overrides: { flagProvider: failing } })
    const user = await addPerson(server)
    expect(expectOk(await query(server.baseUrl, 'flags.mine', undefined, user)).data).toEqual(FOR_NOBODY_ELSE)
  })

  test('that hangs is not waited for', async () => {
    const logger = { warn: () => undefined }
    const hanging = providerThat(() => new Promise(() => undefined))
    const client = createFlagClient({ provider: hanging, logger, limits: { startMs: 1_000, answerMs: 50 } })
    await client.start()
    expect(await client.isOn('ai_chat', {}, true)).toBe(true)
    client.close()
  })
})

function providerThat(resolveBooleanEvaluation: FlagProvider['resolveBooleanEvaluation']): FlagProvider {
  const unused = async (): Promise<never> => Promise.reject(new Error('Only booleans are asked for'))
  return {
    metadata: { name: 'test' },
    resolveBooleanEvaluation,
    resolveStringEvaluation: unused,
    resolveNumberEvaluation: unused,
    resolveObjectEvaluation: unused,
  }
}

describe('the database', () => {
  test('that does not answer leaves the flags as they were', async () => {
    await using server = await startServer()
    const admin = await addPerson(server, 'admin', 'admin')
    const set = { flag: 'new_dashboard', default: true }
    expectOk(await mutate(server.baseUrl, 'flags.set', set, admin))
    const mine = async () => expectOk(await query(server.baseUrl, 'flags.mine', undefined, admin)).data
    expect(await mine()).toMatchObject({ new_dashboard: true })
    await server.database.pool.query('ALTER TABLE flag_settings RENAME TO flag_settings_away')
    // Says that something changed, so that the settings are read, which cannot be done now.
    server.app.runtime.bus.publish('flags', '')
    expect(await mine()).toMatchObject({ new_dashboard: true })
    await server.database.pool.query('ALTER TABLE flag_settings_away RENAME TO flag_settings')
  })
})

if (databaseKind() === 'postgres') {
  test('what an admin sets on one process holds on the other', async () => {
    await using server = await startServer()
    const admin = await addPerson(server, 'admin', 'admin')
    const { token } = await logIn(server, admin.email)
    const second = createApplication(server.config, server.database)
    await second.start()
    const actor = await second.runtime.authenticator.authenticate({ bearer: token })
    const there = () => second.flags.isEnabled('new_dashboard', actor)
    expect(await there()).toBe(false)
    expectOk(await mutate(server.baseUrl, 'flags.set', { flag: 'new_dashboard', default: true }, admin))
    await until('the other process to know', async () => ((await there()) ? true : undefined), 2_000)
    await second.close()
  })
}
