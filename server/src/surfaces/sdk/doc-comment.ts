const MAX_WIDTH = 110

/**
 * A doc comment at `indent` (spaces included), one paragraph or tag per line, wrapped at 110 columns; nothing for no
 * lines. What is in the text can never end the comment.
 */
export function docComment(lines: readonly (string | undefined)[], indent = ''): string {
  const width = MAX_WIDTH - indent.length - 3
  const text = lines
    .filter((line) => line !== undefined && line !== '')
    .flatMap((line) => (line ?? '').replaceAll('*/', '* /').split('\n'))
    .flatMap((line) => wrapped(line, width))
  const [only] = text
  if (only === undefined) return ''
  if (text.length === 1 && only.length <= width - 4) return `${indent}/** ${only} */\n`
  return [`${indent}/**`, ...text.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */\n`].join('\n')
}

function wrapped(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}
