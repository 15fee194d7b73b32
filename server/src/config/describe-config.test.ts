import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeConfig } from './describe-config.ts'
import { isSecretName, redacted } from './redact.ts'
import { environmentSchema } from './schema.ts'

const SECRET = 'q7Rf2mXv9LkZ4tBw8HcN1sYp6JdG3aEu5TiO0xKb'

describe('a described configuration', () => {
  it('says of every setting what it is and where that came from', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plinth-config-'))
    const { settings, problems, unknown } = describeConfig(
      { PORT: '5000', APP_NAME: '', LOG_LEVEL: 'warn' },
      { PORT: '6000', LOG_FORMAT: 'json', PLINTH_DATA: folder, JWT_SECERT: SECRET },
    )
    expect(settings.map(({ name }) => name)).toEqual(Object.keys(environmentSchema.shape))
    const shown = (name: string) => {
      const setting = settings.find((one) => one.name === name)
      return [setting?.value, setting?.source]
    }
    expect(shown('PORT')).toEqual(['5000', 'environment'])
    expect(shown('LOG_FORMAT')).toEqual(['json', '.env'])
    expect(shown('APP_NAME')).toEqual(['Plinth', 'default'])
    expect(shown('PUBLIC_URL')).toEqual(['http://localhost:5000', 'derived'])
    expect(shown('STORAGE_DIRECTORY')).toEqual([path.join(folder, 'storage'), 'derived'])
    expect(shown('DATABASE_URL')).toEqual([null, 'none'])
    expect(shown('JWT_SECRET')).toEqual([`made at the first start (${folder}/secret)`, 'kept'])
    expect(problems).toEqual([])
    expect(unknown).toEqual(['JWT_SECERT'])
    expect(existsSync(path.join(folder, 'secret'))).toBe(false)
  })

  it('tells every problem, also of what derives from a setting that cannot be read', () => {
    const { settings, problems } = describeConfig({ NODE_ENV: 'production', PORT: 'abc' }, {})
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'JWT_SECRET', 'PUBLIC_URL'])
    expect(settings.find(({ name }) => name === 'JWT_SECRET')).toMatchObject({ value: null, source: 'none' })
  })

  it('shows no secret, whatever it is in', () => {
    const given = Object.fromEntries(
      Object.keys(environmentSchema.shape).map((name) => [
        name,
        `https://user:p@ss:${SECRET} x@host/?token=${SECRET}`,
      ]),
    )
    expect(JSON.stringify(describeConfig(given, {}))).not.toContain(SECRET)
    expect(JSON.stringify(describeConfig({}, given))).not.toContain(SECRET)
  })
})

describe('secrets', () => {
  it('are known by name', () => {
    expect(Object.keys(environmentSchema.shape).filter(isSecretName)).toMatchInlineSnapshot(`
      [
        "JWT_SECRET",
        "JWT_SECRET_PREVIOUS",
        "FIRST_SUPERUSER_PASSWORD",
        "STORAGE_S3_SECRET_ACCESS_KEY",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "OPENAI_COMPATIBLE_API_KEY",
        "QDRANT_API_KEY",
        "METRICS_TOKEN",
        "OTEL_EXPORTER_OTLP_HEADERS",
      ]
    `)
  })

  it.each([
    ['postgresql://plinth:hunter2@db/plinth', 'postgresql://plinth:[redacted]@db/plinth'],
    [
      'postgresql://plinth@db/plinth?sslpassword=hunter2&sslmode=require',
      'postgresql://plinth@db/plinth?sslpassword=[redacted]&sslmode=require',
    ],
    ['redis://:hunter2@cache:6379/1', 'redis://:[redacted]@cache:6379/1'],
    ['https://hunter2@collector.example.com', 'https://[redacted]@collector.example.com'],
    ['http://s3.example.com:9000/a', 'http://s3.example.com:9000/a'],
    ['Plinth <no-reply@example.com>', 'Plinth <no-reply@example.com>'],
  ])('inside %s are cut out', (value, expected) => {
    expect(redacted('ANY_URL', value)).toBe(expected)
  })
})
