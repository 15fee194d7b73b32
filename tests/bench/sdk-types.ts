import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { printSdk } from '../../server/src/surfaces/sdk/index.ts'
import { isList, isMutation, pathOf, syntheticRegistry } from './synthetic-registry.ts'

/** What compiling one consumer cost. */
export interface TypeCost {
  readonly consumer: string
  readonly procedures: number
  readonly instantiations: number
  readonly memoryMb: number
  readonly seconds: number
}

const SIZES = [100, 1_000]
const USED = 20
const MAX_INSTANTIATIONS = 50_000
const MAX_DIFFERENCE = 0.05
const clientRoot = path.join(import.meta.dirname, '../../client-sdk')
const tsc = createRequire(import.meta.url).resolve('typescript-5.9/bin/tsc')

/**
 * What the SDK's types cost those who use them: a consumer of 20 procedures against servers of 100 and 1,000, compiled
 * from declarations by TypeScript 5.9, through `createClient`, through tRPC's own client and through TanStack Query.
 */
export function measureSdkTypes(): TypeCost[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'plinth-sdk-types-'))
  try {
    return SIZES.flatMap((size) => measureSize(path.join(folder, String(size)), size))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function measureSize(folder: string, procedures: number): TypeCost[] {
  cpSync(path.join(clientRoot, 'src'), path.join(folder, 'src'), { recursive: true })
  symlinkSync(path.join(clientRoot, 'node_modules'), path.join(folder, 'node_modules'))
  for (const [name, content] of printSdk(syntheticRegistry(procedures))) {
    writeFileSync(path.join(folder, 'src/generated', name), content)
  }
  const base = [
    '--strict',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom',
    '--types',
    'none',
    '--typeRoots',
    folder,
  ]
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler']
  mkdirSync(path.join(folder, 'none'))
  writeFileSync(path.join(folder, 'none/index.d.ts'), '')
  const emit = ['--declaration', '--emitDeclarationOnly', '--allowImportingTsExtensions', '--skipLibCheck']
  run(folder, [
    ...base,
    ...modules,
    ...emit,
    '--outDir',
    'dist',
    '--rootDir',
    'src',
    'src/index.ts',
    'src/generated/router.ts',
    'src/react/index.ts',
  ])
  writeFileSync(path.join(folder, 'client.ts'), clientConsumer())
  writeFileSync(path.join(folder, 'router.ts'), routerConsumer())
  writeFileSync(path.join(folder, 'react.ts'), reactConsumer())
  return ['client', 'router', 'react'].map((consumer) => {
    const output = run(folder, [
      ...base,
      ...modules,
      '--noEmit',
      '--skipLibCheck',
      '--extendedDiagnostics',
      `${consumer}.ts`,
    ])
    return {
      consumer,
      procedures,
      instantiations: figure(output, /Instantiations:\s+(\d+)/),
      memoryMb: Math.round(figure(output, /Memory used:\s+(\d+)K/) / 1_024),
      seconds: figure(output, /Total time:\s+([\d.]+)s/),
    }
  })
}

function clientConsumer(): string {
  const calls = Array.from({ length: USED }, (_, index) => {
    const { router, name } = pathOf(index)
    return [
      `declare const input${index}: RouterInputs['${router}']['${name}']`,
      `const output${index} = await client.${router}.${name}.${isMutation(index) ? 'mutate' : 'query'}(input${index})`,
      `export const row${index}: RouterOutputs['${router}']['${name}']['data'][number] | undefined = output${index}.data[0]`,
      `export const [error${index}] = await safe(client.${router}.${name}.${isMutation(index) ? 'mutate' : 'query'}(input${index}))`,
      `if (error${index}?.reason === 'VERSION_CONFLICT') console.log(error${index}.code === 'CONFLICT')`,
    ].join('\n')
  })
  return [
    `import { createClient, safe, type RouterInputs, type RouterOutputs } from './dist/index'`,
    `const client = createClient({ baseUrl: '' })`,
    ...calls,
  ].join('\n')
}

function routerConsumer(): string {
  const calls = Array.from({ length: USED }, (_, index) => {
    const { router, name } = pathOf(index)
    return [
      `declare const input${index}: RouterInputs['${router}']['${name}']`,
      `const output${index} = await client.${router}.${name}.${isMutation(index) ? 'mutate' : 'query'}(input${index})`,
      `export const row${index}: RouterOutputs['${router}']['${name}']['data'][number] | undefined = output${index}.data[0]`,
    ].join('\n')
  })
  return [
    `import { createTRPCClient, httpBatchLink } from '@trpc/client'`,
    `import type { AppRouter, RouterInputs, RouterOutputs } from './dist/generated/router'`,
    `const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: '' })] })`,
    ...calls,
  ].join('\n')
}

/** Each call also as a hook, every third of them twice: as a plain list and as one of pages. */
function reactConsumer(): string {
  const calls = Array.from({ length: USED }, (_, index) => {
    const { router, name } = pathOf(index)
    const at = `options.${router}.${name}`
    const data = `RouterOutputs['${router}']['${name}']['data'][number] | undefined`
    const head = `declare const input${index}: RouterInputs['${router}']['${name}']`
    if (isMutation(index))
      return [
        head,
        `const result${index} = useMutation(${at}.mutationOptions({ onError: (error) => error.reason === 'VERSION_CONFLICT' }))`,
        `result${index}.mutate(input${index})`,
        `export const row${index}: ${data} = result${index}.data?.data[0]`,
      ].join('\n')
    const pages = [
      `const pages${index} = useInfiniteQuery(${at}.infiniteQueryOptions(input${index}))`,
      `export const page${index}: ${data} = pages${index}.data?.pages[0]?.data[0]`,
    ]
    return [
      head,
      `const result${index} = useQuery(${at}.queryOptions(input${index}, { staleTime: 1_000 }))`,
      `export const row${index}: ${data} = result${index}.data?.data[0]`,
      `if (result${index}.error?.reason === 'VERSION_CONFLICT') console.log(queryClient.getQueryData(${at}.queryKey(input${index}))?.total)`,
      ...(isList(index) ? pages : []),
    ].join('\n')
  })
  return [
    `import { QueryClient, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'`,
    `import { createClient, type RouterInputs, type RouterOutputs } from './dist/index'`,
    `import { createQueryOptions } from './dist/react/index'`,
    `const queryClient = new QueryClient()`,
    `const options = createQueryOptions(createClient({ baseUrl: '' }))`,
    ...calls,
  ].join('\n')
}

function run(cwd: string, args: string[]): string {
  try {
    return execFileSync(process.execPath, [tsc, ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    throw new Error(`The consumer does not compile:\n${output.slice(0, 4_000)}`, { cause: error })
  }
}

function figure(output: string, pattern: RegExp): number {
  const found = Number(pattern.exec(output)?.[1])
  if (!Number.isFinite(found)) throw new Error(`The compiler did not print ${pattern.source}`)
  return found
}

/** The promises that do not hold, in words; empty when all do. */
export function brokenTypePromises(costs: readonly TypeCost[]): string[] {
  const broken: string[] = []
  for (const consumer of new Set(costs.map((cost) => cost.consumer))) {
    const counts = costs.filter((cost) => cost.consumer === consumer).map((cost) => cost.instantiations)
    const [least, most] = [Math.min(...counts), Math.max(...counts)]
    if (most >= MAX_INSTANTIATIONS)
      broken.push(`${consumer}: ${most} instantiations, at most ${MAX_INSTANTIATIONS}`)
    if (most / least - 1 >= MAX_DIFFERENCE)
      broken.push(`${consumer}: ${least} to ${most} differ by 5 % or more`)
  }
  return broken
}

if (import.meta.main) {
  const costs = measureSdkTypes()
  console.table(costs)
  const broken = brokenTypePromises(costs)
  for (const line of broken) console.error(line)
  process.exitCode = broken.length === 0 ? 0 : 1
}
