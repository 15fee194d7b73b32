import { commands } from '../commands/index.ts'
import { type CommandNode, commandTree } from '../contract/command-tree.ts'
import type { Contract } from '../contract/contract.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import { globalFlags } from '../flags/global-flags.ts'
import { plain } from '../output/sanitise.ts'
import { procedureFlags } from '../procedure/procedure-flags.ts'

/** Something that can stand where the cursor is. */
export interface Candidate {
  readonly text: string
  readonly description: string
}

/** What can stand where the cursor is; `files` also names of files. */
export interface Completion {
  readonly candidates: readonly Candidate[]
  readonly files: boolean
}

const NOTHING: Completion = { candidates: [], files: false }
const FILES: Completion = { candidates: [], files: true }

/**
 * What can come next on a command line.
 * @param words what was typed after `plinth`, the last one being what the cursor is in or after
 * @param profiles the names that `--profile` takes
 */
export function complete(
  words: readonly string[],
  contract: Contract | undefined,
  profiles: readonly string[],
): Completion {
  const before = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  const { node, flags, operands } = contextOf(before, contract)
  const awaited = awaitedFlag(before.at(-1), flags)
  if (awaited !== undefined) return valuesFor(awaited, '', profiles)
  const [name = '', value] = current.split(/=(.*)/s, 2)
  const inline = current.startsWith('--') && value !== undefined ? flagCalled(name, flags) : undefined
  if (inline !== undefined) return valuesFor(inline, `${name}=`, profiles)
  if (current.startsWith('-')) return { candidates: flags.filter(isShown).map(candidateOf), files: false }
  if (node?.procedure === undefined && node !== undefined) return { candidates: namesIn(node), files: false }
  return operands.length === 0 ? NOTHING : { candidates: operands.map(withoutDescription), files: false }
}

interface Context {
  /** Undefined after a command that is not a procedure. */
  readonly node: CommandNode | undefined
  readonly flags: readonly FlagSpec[]
  /** What such a command takes beside flags. */
  readonly operands: readonly string[]
}

function contextOf(before: readonly string[], contract: Contract | undefined): Context {
  const root = commandTree(contract?.procedures ?? [])
  let node: CommandNode | undefined = root
  let flags: readonly FlagSpec[] = globalFlags
  let isSkipped = false
  for (const word of before) {
    if (isSkipped) isSkipped = false
    else if (word.startsWith('-')) isSkipped = awaitedFlag(word, flags) !== undefined
    else if (node?.procedure === undefined) {
      const command = node === root ? commands.find(({ name }) => name === word) : undefined
      if (command !== undefined) {
        const own = [...(command.flags ?? []), ...globalFlags]
        return { node: undefined, flags: own, operands: operandsIn(command.operands) }
      }
      node = node?.children.get(word)
      if (node?.procedure !== undefined) flags = procedureFlags(node.procedure).all
    }
  }
  return { node, flags, operands: [] }
}

/** `<bash|zsh|fish>` as its three words. */
function operandsIn(operands = ''): string[] {
  return /^[<[]([\w|]+)[>\]]$/.exec(operands)?.[1]?.split('|') ?? []
}

/** The flag whose value comes next. */
function awaitedFlag(word: string | undefined, flags: readonly FlagSpec[]): FlagSpec | undefined {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined
  const flag = flagCalled(word, flags)
  return flag?.value === undefined ? undefined : flag
}

function flagCalled(word: string, flags: readonly FlagSpec[]): FlagSpec | undefined {
  return flags.find(({ name, short }) => word === `--${name}` || word === `-${short}`)
}

function valuesFor(flag: FlagSpec, prefix: string, profiles: readonly string[]): Completion {
  const choices = flag.name === 'profile' ? profiles : (flag.choices ?? [])
  if (choices.length === 0) return flag.isFile === true ? FILES : NOTHING
  return { candidates: choices.map((choice) => withoutDescription(`${prefix}${choice}`)), files: false }
}

function namesIn(node: CommandNode): Candidate[] {
  const names = [...node.children].map(([text, child]) => ({
    text,
    description: plain(child.procedure?.summary ?? [...child.children.keys()].join(', ')),
  }))
  if (node.words.length > 0) return names
  return [
    ...names,
    ...commands.filter(isShown).map(({ name, summary }) => ({ text: name, description: summary })),
  ]
}

function isShown({ isHidden }: { readonly isHidden?: boolean }): boolean {
  return isHidden !== true
}

function candidateOf({ name, description }: FlagSpec): Candidate {
  return { text: `--${name}`, description: plain(description) }
}

function withoutDescription(text: string): Candidate {
  return { text, description: '' }
}
