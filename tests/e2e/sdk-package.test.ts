import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packSdk } from '../support/packed-sdk.ts'
import { clientConsumer, reactConsumer } from './sdk-consumers.ts'
import { reactOptionsConsumer } from './sdk-react-consumer.ts'

/** A project outside the repository that knows only the packed client and the registry. */
const project = mkdtempSync(path.join(tmpdir(), 'plinth-sdk-consumer-'))
const installed = path.join(project, 'node_modules/@plinth/client')

const DEPENDENCIES = {
  'typescript-5': 'npm:typescript@5.9.3',
  'typescript-6': 'npm:typescript@6.0.3',
  'typescript-7': 'npm:typescript@7.0.2',
  '@tanstack/react-query': '5.108.0',
  '@trpc/tanstack-react-query': '11.22.1',
  '@types/node': '24.19.2',
  '@types/react': '19.3.0',
  react: '19.3.1',
}

beforeAll(async () => {
  await packSdk(path.join(project, 'client.tgz'))
  const dependencies = { ...DEPENDENCIES, '@plinth/client': 'file:./client.tgz' }
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  )
  // The TanStack adapter asks for one exact version of tRPC, whichever it was published with.
  run('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'], project)
  writeFileSync(path.join(project, 'client.ts'), clientConsumer)
  writeFileSync(path.join(project, 'react.ts'), reactOptionsConsumer)
  writeFileSync(path.join(project, 'trpc.ts'), reactConsumer)
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

/** The older compilers take ten times as long as the newest: each looks in another way. */
const COMPILERS = [
  ['5', 'nodenext'],
  ['6', 'bundler'],
  ['7', 'nodenext'],
  ['7', 'bundler'],
] as const
const RESOLUTIONS = {
  nodenext: { module: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

describe('published declarations', () => {
  test.each(COMPILERS)('TypeScript %s, %s resolution, libraries checked', (version, resolution) => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: 'es2022',
      types: ['node'],
      ...RESOLUTIONS[resolution],
    }
    const config = path.join(project, `tsconfig.${resolution}.json`)
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ['client.ts', 'react.ts', 'trpc.ts'] }))
    const tsc = path.join(project, `node_modules/typescript-${version}/bin/tsc`)
    expect(run(process.execPath, [tsc, '--project', config], project)).toBe('')
  })
})

describe('the package', () => {
  test('holds its own code and nothing of the server', () => {
    const files = globSync('**/*', { cwd: installed }).filter((file) => /\.(?:js|ts|json)$/.test(file))
    expect(files.filter((file) => !/^(?:dist\/|package\.json$)/.test(file))).toEqual([])
    const texts = files.map((file) => readFileSync(path.join(installed, file), 'utf8')).join('\n')
    expect(texts).not.toMatch(/prisma/i)
    expect(texts).not.toMatch(/CallContext\b.*runtime|\bActor\b|UnitOfWork|workspace:|server\/src|from 'zod'/)
    expect(texts).not.toMatch(/from\s+['"]\.[^'"]*\.ts['"]/)
  })

  test('asks for React only where it is used', () => {
    const all = globSync('dist/**/*.js', { cwd: installed })
    const using = all.filter((file) =>
      /from ['"](?:react|@tanstack\/react-query)['"]/.test(readFileSync(path.join(installed, file), 'utf8')),
    )
    expect(using.length).toBeGreaterThan(0)
    expect(using.filter((file) => !file.startsWith('dist/react/'))).toEqual([])
    const main = globSync('dist/*.js', { cwd: installed })
    for (const file of main) expect(readFileSync(path.join(installed, file), 'utf8')).not.toContain('/react')
    for (const file of ['provider', 'use-subscription'])
      expect(readFileSync(path.join(installed, `dist/react/${file}.js`), 'utf8')).toMatch(/^'use client'/)
  })

  test('says what it depends on, and how to make the first call', () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      sideEffects: false,
      type: 'module',
      peerDependenciesMeta: { react: { optional: true }, '@tanstack/react-query': { optional: true } },
    })
    expect(Object.keys(Object(Reflect.get(Object(manifest), 'dependencies'))).sort()).toEqual([
      '@clack/prompts',
      '@trpc/client',
      '@trpc/server',
      'eventsource-parser',
      'fast-string-width',
      'stemmer',
    ])
    expect(readFileSync(path.join(installed, 'README.md'), 'utf8')).toContain('createClient')
  })

  test('runs where it is installed', () => {
    const program = `
      import { createClient, safe } from '@plinth/client'
      import '@plinth/client/router'
      const client = createClient({ baseUrl: 'http://127.0.0.1:9', retry: false })
      const [error] = await safe(client.users.me.query())
      process.stdout.write(error.code)`
    expect(run(process.execPath, ['--input-type=module', '--eval', program], project)).toBe('NETWORK_ERROR')
  })
})

function run(command: string, args: string[], cwd: string): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      timeout: 110_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    const problems = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    throw new Error(`${command} ${args.join(' ')} failed:\n${output}${problems}`.slice(0, 5_000), {
      cause: error,
    })
  }
}
