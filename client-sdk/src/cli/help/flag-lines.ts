import stringWidth from 'fast-string-width'
import type { FlagSpec } from '../flags/flag-spec.ts'
import type { Colours } from '../output/colours.ts'

const INDENT = '  '
const MAX_NAME = 34

/** Names with what they mean, in two columns, as wide as the terminal. */
export function twoColumns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const first = Math.min(MAX_NAME, Math.max(0, ...rows.map(([name]) => stringWidth(name))))
  const room = Math.max(30, width - first - 2 * INDENT.length)
  return rows.flatMap(([name, meaning]) => {
    const [head = '', ...rest] = wrapped(meaning, room)
    const space = ' '.repeat(first + 2 * INDENT.length)
    const lines = rest.map((line) => space + line)
    if (stringWidth(name) > first) return [`${INDENT}${name}`, `${space}${head}`.trimEnd(), ...lines]
    return [`${INDENT}${name}${' '.repeat(first - stringWidth(name))}${INDENT}${head}`.trimEnd(), ...lines]
  })
}

/** Flags as help lists them. `required` are marked. */
export function flagRows(
  flags: readonly FlagSpec[],
  required: ReadonlySet<string>,
  defaults: ReadonlyMap<string, unknown>,
  paint: Colours,
): (readonly [string, string])[] {
  return flags
    .filter(({ isHidden }) => isHidden !== true)
    .map((flag) => {
      const short = flag.short === undefined ? '' : `-${flag.short}, `
      const value = flag.value === undefined ? '' : ` <${flag.choices?.length ? 'choice' : flag.value}>`
      const marks = [
        required.has(flag.name) ? 'required' : undefined,
        flag.isList === true && flag.value !== undefined ? 'can be repeated' : undefined,
        defaults.get(flag.name) === undefined
          ? undefined
          : `default ${JSON.stringify(defaults.get(flag.name))}`,
      ].filter((mark) => mark !== undefined)
      const choices = flag.choices?.length ? `One of: ${flag.choices.join(', ')}.` : ''
      const meaning = [flag.description, choices, marks.length > 0 ? paint.dim(`(${marks.join('; ')})`) : '']
      return [`${short}--${flag.name}${value}`, oneLineOf(meaning)] as const
    })
}

function oneLineOf(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ')
}

/** Breaks a text between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
