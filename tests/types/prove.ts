import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import { printSdk } from '../../server/src/surfaces/sdk/index.ts'

/** A router to compare the printed types with. */
export interface Proof {
  readonly registry: readonly RegistryEntry[]
  /** The type of the router as an import: `{ file, type: "typeof import(…).appRouter" }` without the import. */
  readonly routerFile: string
  /** Picks the router out of `module`: `typeof module.fixtureRouter` or `module.AppRouter`. */
  readonly routerType: string
  /** Changes the printed files before they are compared. */
  readonly tamper?: (name: string, content: string) => string
}

const root = path.join(import.meta.dirname, '../..')
const tsc = path.join(root, 'node_modules/typescript/bin/tsc')

/**
 * Compiles, for every procedure, a check that the printed input and output and the printed router are mutually
 * assignable with what tRPC infers from the real router.
 *
 * @returns the procedures that differ, such as `input tasks.create`; throws on any other error of the compiler outside of the server
 */
export function differingTypes(proof: Proof): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'plinth-proof-'))
  try {
    writeSdk(folder, proof)
    const checks = checksFor(proof)
    const head = headOf(folder, proof)
    writeFileSync(path.join(folder, 'check.ts'), [...head, ...checks.map(({ line }) => line)].join('\n'))
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(configuration()))
    const { stdout } = spawnSync(process.execPath, [tsc, '--project', folder, '--pretty', 'false'], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout.split('\n').flatMap((message) => {
      const found = /check\.ts\((\d+),\d+\): error TS2344/.exec(message)
      const check = checks[Number(found?.[1]) - head.length - 1]
      if (check !== undefined) return [check.title]
      // The server is checked with its own configuration; what it does with Node's types differs beside the DOM's.
      if (/error TS/.test(message) && !/(^|\/)server\/src\//.test(message)) {
        throw new Error(stdout.slice(0, 4_000))
      }
      return []
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeSdk(folder: string, { registry, tamper }: Proof): void {
  cpSync(path.join(root, 'client-sdk/src'), path.join(folder, 'src'), { recursive: true })
  symlinkSync(path.join(root, 'client-sdk/node_modules'), path.join(folder, 'node_modules'))
  for (const [name, content] of printSdk(registry)) {
    writeFileSync(path.join(folder, 'src/generated', name), tamper?.(name, content) ?? content)
  }
}

function headOf(folder: string, { routerFile, routerType }: Proof): string[] {
  return [
    `import type { Expect, Inputs, Outputs, Same } from '${path.join(import.meta.dirname, 'infer.ts')}'`,
    `import type * as module from '${routerFile}'`,
    `import type { AppRouter as Printed } from '${path.join(folder, 'src/generated/router.ts')}'`,
    `import type { RouterInputs, RouterOutputs } from '${path.join(folder, 'src/generated/types.ts')}'`,
    `type Real = ${routerType}`,
  ]
}

function checksFor({ registry }: Proof): { title: string; line: string }[] {
  return registry.flatMap(({ path: procedure, kind }, index) => {
    const at = procedure
      .split('.')
      .map((part) => `['${part}']`)
      .join('')
    const sides = [
      { title: `input ${procedure}`, real: `Inputs<Real>${at}`, printed: `RouterInputs${at}`, plain: true },
      {
        title: `output ${procedure}`,
        real: `Outputs<Real>${at}`,
        printed: `RouterOutputs${at}`,
        plain: true,
      },
      {
        title: `router input ${procedure}`,
        real: `Inputs<Real>${at}`,
        printed: `Inputs<Printed>${at}`,
        plain: false,
      },
      {
        title: `router output ${procedure}`,
        real: `Outputs<Real>${at}`,
        printed: `Outputs<Printed>${at}`,
        plain: false,
      },
    ]
    // A subscription's plain types are its input without the resume id and one event, which tRPC has no word for.
    return sides
      .filter(({ plain }) => !plain || kind !== 'subscription')
      .map(({ title, real, printed }, side) => ({
        title,
        line: `export type Check${index}_${side} = Expect<Same<${real}, ${printed}>>`,
      }))
  })
}

function configuration(): object {
  return {
    extends: path.join(root, 'tsconfig.base.json'),
    compilerOptions: {
      rewriteRelativeImportExtensions: false,
      // tRPC infers `a?: T` for the `a?: T | undefined` of an answer; callers of either see the same.
      exactOptionalPropertyTypes: false,
      lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
      typeRoots: [path.join(root, 'node_modules/@types')],
    },
    files: ['check.ts'],
  }
}
