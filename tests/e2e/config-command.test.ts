import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TEST_SECRET } from '../support/config.ts'

const COMMAND = path.join(import.meta.dirname, '../../server/src/commands/config.ts')
const PASSWORD = 'hunter2hunter2'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-config-'))
  await writeFile(
    path.join(folder, '.env'),
    `APP_NAME=Ours\nLOG_LEVEL=warn\nMAX_BODY_BITES=1\nJWT_SECRET=${TEST_SECRET}\n`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the command in a folder with a `.env`. */
async function run(args: readonly string[], variables: Record<string, string>) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...variables },
  })
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve))
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { output, errors, code }
}

test('says what a server would go by and where each value came from, and leaves nothing behind', async () => {
  const { output, errors, code } = await run([], {
    LOG_LEVEL: 'error',
    DATABASE_URL: `postgresql://plinth:${PASSWORD}@127.0.0.1/plinth`,
  })
  expect({ errors, code }).toEqual({ errors: '', code: 0 })
  const line = (name: string) => output.split('\n').find((one) => one.startsWith(`${name} `))
  expect(line('APP_NAME')).toMatch(/ Ours +\.env$/)
  expect(line('LOG_LEVEL')).toMatch(/ error +environment$/)
  expect(line('PORT')).toMatch(/ 4000 +default$/)
  expect(line('JWT_SECRET')).toMatch(/ \[redacted\] +\.env$/)
  expect(line('DATABASE_URL')).toMatch(
    / postgresql:\/\/plinth:\[redacted\]@127\.0\.0\.1\/plinth +environment$/,
  )
  expect(output).toContain('! MAX_BODY_BITES')
  expect(output).not.toContain(PASSWORD)
  expect(output).not.toContain(TEST_SECRET)
  expect(await readdir(folder)).toEqual(['.env'])
})

test('as JSON, with every problem and exit code 1 when a server would not start', async () => {
  const { output, code } = await run(['--json'], {
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://plinth.test',
    PORT: 'x',
  })
  expect(code).toBe(1)
  const report: { settings: { name: string; value: unknown }[]; problems: string[] } = JSON.parse(output)
  expect(report.problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'PUBLIC_URL'])
  expect(report.settings).toContainEqual(
    expect.objectContaining({ name: 'JWT_SECRET', value: '[redacted]', source: '.env', secret: true }),
  )
})
