import { isPlinthError } from '../plinth-error.ts'
import type { Cli } from './cli.ts'
import { commands } from './commands/index.ts'
import { loadCommand } from './commands/load-command.ts'
import { type CommandNode, commandTree } from './contract/command-tree.ts'
import type { Contract } from './contract/contract.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { FlagSpec } from './flags/flag-spec.ts'
import { globalFlags, readGlobalFlags } from './flags/global-flags.ts'
import { type ParsedFlags, parseFlags } from './flags/parse-flags.ts'
import { splitWords } from './flags/split-words.ts'
import { openCli } from './open-cli.ts'
import { printError } from './output/print-error.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { ownVersion } from './version.ts'
import { similar } from './words.ts'

/** Runs a command line and says how it ended. Never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(args, terminal)
  } catch (error) {
    if (terminal.signal.aborted && !(error instanceof UsageError) && !wasCut(error)) {
      terminal.say('Interrupted.')
      return exitCodes.interrupted
    }
    return printError(error, terminal)
  }
}

/** Whether a call was cut off, about which there is more to say. */
function wasCut(error: unknown): boolean {
  return isPlinthError(error) && error.code === 'ABORTED'
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { before, words, rest } = splitWords(args)
  const [first] = words
  if (first === 'version' || before.includes('--version')) {
    await terminal.write(`${ownVersion()}\n`)
    return exitCodes.ok
  }
  const command = commands.find(({ name }) => name === first)
  if (command !== undefined)
    return await runCommand(command, [...before, ...words.slice(1), ...rest], terminal)
  const isHelp = first === 'help'
  const path = isHelp ? words.slice(1) : words
  const flags = tolerant([...before, ...rest])
  const cli = openCli(terminal, readGlobalFlags(flags))
  if (path.length === 0) return await showRoot(cli, [...before, ...rest], isHelp)
  return await runWords(cli, path, [...before, ...rest], isHelp || flags.has('help'))
}

async function runCommand(
  command: (typeof commands)[number],
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  if (command.isRaw === true) {
    const raw = globalsIn(args)
    return await (await loadCommand[command.name]())(openCli(terminal, readGlobalFlags(raw)), {
      flags: raw,
      args,
    })
  }
  const flags = parseFlags(args, [...(command.flags ?? []), ...globalFlags])
  if (flags.has('help')) {
    const { commandHelp } = await import('./help/help.ts')
    await terminal.write(commandHelp(command, terminal))
    return exitCodes.ok
  }
  if (command.operands === undefined && flags.positionals.length > 0)
    throw new UsageError(`plinth ${command.name} takes no “${flags.positionals[0]}”.`)
  return await (await loadCommand[command.name]())(openCli(terminal, readGlobalFlags(flags)), { flags, args })
}

/** Help, with the server's commands where there is a server; without them otherwise. */
async function showRoot(cli: Cli, args: readonly string[], isHelp: boolean): Promise<ExitCode> {
  const flags = parseFlags(args, globalFlags)
  const { rootHelp } = await import('./help/help.ts')
  const found = await contractFor(cli, 'help').catch((error: unknown) => {
    if (error instanceof Failure) return error
    throw error
  })
  const problem = found instanceof Failure ? [found.message, ...found.hints].join('\n  ') : undefined
  const tree = found instanceof Failure ? undefined : commandTree(found.procedures)
  const text = rootHelp(tree, problem, cli.terminal)
  if (isHelp || flags.has('help')) {
    await cli.terminal.write(text)
    return exitCodes.ok
  }
  cli.terminal.say(text.trimEnd())
  return exitCodes.usage
}

async function runWords(
  cli: Cli,
  words: readonly string[],
  args: readonly string[],
  isHelp: boolean,
): Promise<ExitCode> {
  const { node, left } = await find(cli, words, isHelp)
  const { procedure } = node
  if (isHelp || procedure === undefined) {
    const { groupHelp, procedureHelp } = await import('./help/help.ts')
    const text =
      procedure === undefined ? groupHelp(node, cli.terminal) : procedureHelp(node, procedure, cli.terminal)
    if (isHelp) {
      await cli.terminal.write(text)
      return exitCodes.ok
    }
    cli.terminal.say(text.trimEnd())
    return exitCodes.usage
  }
  const { runProcedure } = await import('./procedure/run-procedure.ts')
  return await runProcedure(cli, procedure, [...left, ...args])
}

interface Found {
  readonly node: CommandNode
  /** Words after those of the procedure: its operands. */
  readonly left: readonly string[]
}

/** Follows the words; what is not there may be new on the server. @throws UsageError */
async function find(cli: Cli, words: readonly string[], isHelp: boolean): Promise<Found> {
  const contract = await contractFor(cli, isHelp ? 'help' : 'call')
  const found = follow(contract, words)
  if (!(found instanceof UsageError)) return found
  const renewed = await (await cli.contract()).renew()
  const again = renewed === undefined ? found : follow(renewed, words)
  if (again instanceof UsageError) throw again
  return again
}

function follow(contract: Contract, words: readonly string[]): Found | UsageError {
  const tree = commandTree(contract.procedures)
  const [first = ''] = words
  // The path as it is written in code: `tasks.onChange`.
  const dotted = contract.procedures.find(({ path }) => path === first)
  if (dotted !== undefined && first.includes('.'))
    return { node: { words: [first], children: new Map(), procedure: dotted }, left: words.slice(1) }
  let node = tree
  for (const [index, word] of words.entries()) {
    const child = node.children.get(word)
    if (child === undefined) {
      if (node.procedure !== undefined) return { node, left: words.slice(index) }
      return unknownWord(node, word)
    }
    node = child
  }
  return { node, left: [] }
}

function unknownWord(node: CommandNode, word: string): UsageError {
  const prefix = ['plinth', ...node.words].join(' ')
  const own = node.words.length === 0 ? commands.map(({ name }) => name) : []
  const near = similar(word, [...node.children.keys(), ...own])
  const hints = near.map((name) => `Did you mean: ${prefix} ${name}`)
  return new UsageError(
    `There is no command “${prefix} ${word}”.`,
    ...hints,
    `${prefix} --help lists what there is.`,
  )
}

async function contractFor(cli: Cli, freshness: 'call' | 'help'): Promise<Contract> {
  return await (await cli.contract()).get(freshness)
}

/** The flags of every command, whatever else is there: which other flags there are depends on the server they name. */
function tolerant(args: readonly string[]): ParsedFlags {
  const known: string[] = []
  const byName = new Map<string, FlagSpec>()
  for (const flag of globalFlags) {
    byName.set(`--${flag.name}`, flag)
    if (flag.short !== undefined) byName.set(`-${flag.short}`, flag)
  }
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--') break
    const flag = byName.get(arg.split('=', 1)[0] ?? '')
    if (flag === undefined) continue
    known.push(arg)
    if (flag.value !== undefined && !arg.includes('=')) {
      index += 1
      known.push(...args.slice(index, index + 1))
    }
  }
  return parseFlags(known, globalFlags)
}

/** The same for what somebody is still typing. */
function globalsIn(args: readonly string[]): ParsedFlags {
  try {
    const flags = tolerant(args)
    readGlobalFlags(flags)
    return flags
  } catch {
    return parseFlags([], globalFlags)
  }
}
