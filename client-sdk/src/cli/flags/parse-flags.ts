import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.ts'
import { kebab, similar } from '../words.ts'
import type { FlagSpec } from './flag-spec.ts'

/** A command line, taken apart. */
export interface ParsedFlags {
  readonly positionals: readonly string[]
  /** Whether it was given; of one that takes no value, whether it is on. */
  has(name: string): boolean
  /** The last value; `true` or `false` of a flag that takes none. */
  value(name: string): string | undefined
  values(name: string): readonly string[]
}

/**
 * Takes a command line apart. A flag may also be written as the field is called (`--projectId`); a value may begin with
 * one dash (`--sort -createdAt`), and with two after an equals sign.
 * @throws UsageError for a flag that is not there, one without its value and one given too often
 */
export function parseFlags(args: readonly string[], specs: readonly FlagSpec[]): ParsedFlags {
  const known = new Map(specs.map((spec) => [spec.name, spec]))
  const { tokens, positionals } = parseArgs({
    args: spelledAsKnown(args, known),
    options: Object.fromEntries(specs.map((spec) => [spec.name, optionOf(spec)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const spec = known.get(token.name)
    if (spec === undefined) throw unknownFlag(token.rawName, known.keys())
    const value = textOf(spec, token.rawName, token.value, token.inlineValue === true, known)
    const before = given.get(spec.name) ?? []
    if (before.length > 0 && spec.value !== undefined && spec.isList !== true)
      throw new UsageError(`--${spec.name} is given twice.`)
    given.set(spec.name, [...before, value])
  }
  return {
    positionals,
    has: (name) => isOn(known.get(name), given.get(name)),
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
  }
}

function isOn(spec: FlagSpec | undefined, values: readonly string[] | undefined): boolean {
  return values !== undefined && (spec?.value !== undefined || values.at(-1) === 'true')
}

function optionOf(spec: FlagSpec): { type: 'string' | 'boolean'; short?: string; multiple: boolean } {
  const type = spec.value === undefined ? 'boolean' : 'string'
  return { type, multiple: true, ...(spec.short === undefined ? {} : { short: spec.short }) }
}

/** `--projectId` as `--project-id`, where only the latter is known. Values are left alone as far as they can be told. */
function spelledAsKnown(args: readonly string[], known: ReadonlyMap<string, FlagSpec>): string[] {
  let isOver = false
  let isValue = false
  return args.map((arg) => {
    if (isValue || isOver) {
      isValue = false
      return arg
    }
    if (arg === '--') isOver = true
    if (!arg.startsWith('--') || isOver) return arg
    const [name = ''] = arg.slice(2).split('=', 1)
    const spelled = known.has(name) ? name : kebab(name)
    const spec = known.get(spelled)
    if (spec === undefined) return arg
    isValue = spec.value !== undefined && !arg.includes('=')
    return `--${spelled}${arg.slice(2 + name.length)}`
  })
}

/** The text of a flag; `true` or `false` (`--flag=false`) of one that takes none. */
function textOf(
  spec: FlagSpec,
  rawName: string,
  value: string | undefined,
  isInline: boolean,
  known: ReadonlyMap<string, FlagSpec>,
): string {
  if (spec.value === undefined) {
    if (value === undefined || value === 'true') return 'true'
    if (value === 'false') return value
    throw new UsageError(`${rawName} takes no value.`)
  }
  const next = value?.startsWith('--') === true ? (value.slice(2).split('=', 1)[0] ?? '') : ''
  const isNextFlag = !isInline && (known.has(next) || known.has(kebab(next)))
  if (value === undefined || isNextFlag) {
    throw new UsageError(
      `${rawName} needs a value: ${rawName} <${spec.value}>.`,
      ...(isNextFlag ? [`If “${value}” is the value: ${rawName}=${value}`] : []),
    )
  }
  return value
}

/** An error about a flag that nobody knows. */
function unknownFlag(rawName: string, names: Iterable<string>): UsageError {
  const near = similar(kebab(rawName.replace(/^-+/, '')), names)
  const hint = near.map((name) => `Did you mean --${name}?`)
  return new UsageError(`There is no flag ${rawName} here.`, ...hint.slice(0, 1))
}
