import type { Command } from '../commands/command.ts'
import { commands } from '../commands/index.ts'
import type { CommandNode } from '../contract/command-tree.ts'
import type { Procedure } from '../contract/contract.ts'
import { deprecationText } from '../contract/deprecation-text.ts'
import { globalFlags } from '../flags/global-flags.ts'
import { type Colours, colours } from '../output/colours.ts'
import { painted, plain } from '../output/sanitise.ts'
import { procedureFlags } from '../procedure/procedure-flags.ts'
import type { Terminal } from '../terminal.ts'
import { exampleOf } from './example.ts'
import { flagRows, twoColumns, wrapped } from './flag-lines.ts'

const NONE: ReadonlySet<string> = new Set()

/** Help for the command itself. `problem` says why the server's commands are missing, where they are. */
export function rootHelp(
  tree: CommandNode | undefined,
  problem: string | undefined,
  terminal: Terminal,
): string {
  const paint = colours(terminal.colourOut)
  const own = commands
    .filter(({ isHidden }) => isHidden !== true)
    .map(({ name, summary }) => [name, summary] as const)
  const groups = tree === undefined ? [] : childRows(tree)
  return page([
    ['plinth calls the procedures of a Plinth server.'],
    section(paint, 'Usage', ['  plinth <group> <command> [flags]']),
    ...(groups.length > 0
      ? [section(paint, 'Commands of the server', twoColumns(groups, terminal.columns))]
      : []),
    ...(problem === undefined ? [] : [section(paint, 'Commands of the server', [`  ${problem}`])]),
    section(paint, 'Commands of plinth', twoColumns(own, terminal.columns)),
    globals(paint, terminal),
    section(paint, 'Exit codes', EXIT_CODES),
    ['plinth <group> --help lists its commands, plinth <group> <command> --help what one takes.'],
  ])
}

const EXIT_CODES = [
  '  0 done · 1 the call failed · 2 the command line or the input is not valid · 3 not logged in',
  '  4 not allowed · 5 not found · 6 conflict · 7 too many calls · 8 server not reachable · 130 interrupted',
]

/** Help for a group of procedures. */
export function groupHelp(node: CommandNode, terminal: Terminal): string {
  const paint = colours(terminal.colourOut)
  const words = node.words.join(' ')
  return page([
    section(paint, 'Usage', [`  plinth ${words} <command> [flags]`]),
    section(paint, 'Commands', twoColumns(childRows(node), terminal.columns)),
    [`plinth ${words} <command> --help shows what one takes.`],
  ])
}

/** Help for a procedure: what it does, takes, who may call it, how it fails, an example. */
export function procedureHelp(node: CommandNode, procedure: Procedure, terminal: Terminal): string {
  const paint = colours(terminal.colourOut)
  const { fields, own, positional, secrets } = procedureFlags(procedure)
  const required = new Set(fields.filter(({ field }) => field.isRequired).map(({ spec }) => spec.name))
  if (procedure.upload) required.add('file')
  const defaults = new Map(fields.map(({ field, spec }) => [spec.name, field.default]))
  const inputs = fields.map(({ spec, field, negation }) => ({
    ...spec,
    description: plain(
      `${spec.description}${negation !== undefined && field.isNullable ? ` --${negation.name} sets null.` : ''}`,
    ).trim(),
  }))
  const operand = positional === undefined ? '' : ` <${positional.flag}>`
  const { description, deprecated } = procedure
  return page([
    wrapped(plain(procedure.summary), terminal.columns),
    ...(description === undefined ? [] : [wrapped(plain(description), terminal.columns)]),
    ...(deprecated === undefined ? [] : [[paint.yellow(deprecationText(deprecated))]]),
    section(paint, 'Usage', [`  plinth ${node.words.join(' ')}${operand} [flags]`]),
    ...(inputs.length > 0
      ? [section(paint, 'Input', twoColumns(flagRows(inputs, required, defaults, paint), terminal.columns))]
      : []),
    ...(secrets.length === 0
      ? []
      : [
          section(paint, 'Asked for', [
            `  ${secrets.map(({ flag }) => flag).join(', ')}: without showing it; in a script send it with --json.`,
          ]),
        ]),
    section(paint, 'Flags', twoColumns(flagRows(own, required, new Map(), paint), terminal.columns)),
    globals(paint, terminal),
    section(paint, 'Example', exampleOf(node, procedure)),
    section(paint, 'Who', [
      `  For ${procedure.access}.${procedure.scope === undefined ? '' : scopeLine(procedure.scope)}`,
    ]),
    ...(procedure.errors.length > 0
      ? [
          section(
            paint,
            'Fails with',
            twoColumns(
              procedure.errors.map((error) => [error.reason, plain(error.message)] as const),
              terminal.columns,
            ),
          ),
        ]
      : []),
  ])
}

/** Help for a command that is not a procedure. */
export function commandHelp(command: Command, terminal: Terminal): string {
  const paint = colours(terminal.colourOut)
  const { name, operands, summary, description, flags = [], examples = [] } = command
  return page([
    [summary],
    ...(description === undefined ? [] : [wrapped(description, terminal.columns)]),
    section(paint, 'Usage', [`  plinth ${[name, operands, '[flags]'].filter(Boolean).join(' ')}`]),
    ...(flags.length > 0
      ? [section(paint, 'Flags', twoColumns(flagRows(flags, NONE, new Map(), paint), terminal.columns))]
      : []),
    globals(paint, terminal),
    ...(examples.length > 0
      ? [
          section(
            paint,
            'Examples',
            examples.map((line) => `  ${line}`),
          ),
        ]
      : []),
  ])
}

function scopeLine(scope: string): string {
  return scope === 'session' ? ' Not with an API key.' : ` An API key needs ${plain(scope)}.`
}

function childRows(node: CommandNode): (readonly [string, string])[] {
  return [...node.children.values()].map((child) => {
    const name = child.words.at(-1) ?? ''
    if (child.procedure !== undefined) return [name, plain(child.procedure.summary)] as const
    return [name, plain([...child.children.keys()].join(', '))] as const
  })
}

function globals(paint: Colours, terminal: Terminal): string[] {
  return section(
    paint,
    'Flags of every command',
    twoColumns(flagRows(globalFlags, NONE, new Map(), paint), terminal.columns),
  )
}

function section(paint: Colours, title: string, lines: readonly string[]): string[] {
  return [paint.bold(title), ...lines]
}

function page(parts: readonly (readonly string[])[]): string {
  return painted(`${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`)
}
