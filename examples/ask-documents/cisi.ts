import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'

/**
 * `node cisi.ts --collection <dir> --to <folder> [--documents 1460]`: makes a folder for `ask.ts` of CISI, a collection of
 * 1,460 abstracts of information science with 112 questions: a Markdown file for each, and `questions.txt`.
 */
const { values } = parseArgs({
  options: {
    collection: { type: 'string' },
    to: { type: 'string' },
    documents: { type: 'string', default: '1460' },
  },
})
const { collection, to } = values
if (collection === undefined || to === undefined) {
  process.stderr.write(
    'Usage: node cisi.ts --collection <folder with CISI.ALL and CISI.QRY> --to <folder> [--documents 100]\n',
  )
  process.exit(1)
}

await mkdir(to, { recursive: true })
const documents = records(await readFile(path.join(collection, 'CISI.ALL'), 'utf8'))
for (const { id, fields } of documents.slice(0, Number(values.documents))) {
  const [title = `Document ${id}`, author = '', text = ''] = ['T', 'A', 'W'].map((name) => fields.get(name))
  const name = path.join(to, `${id.padStart(4, '0')}.md`)
  await writeFile(name, `# ${oneLine(title)}\n\n*${oneLine(author)}*\n\n${text.trim()}\n`)
}
const questions = records(await readFile(path.join(collection, 'CISI.QRY'), 'utf8'))
const lines = questions.map(({ fields }) => oneLine(fields.get('W') ?? '')).filter((line) => line !== '')
await writeFile(path.join(to, 'questions.txt'), `${lines.join('\n')}\n`)

/** `.I 1` begins a record, `.T`, `.A`, `.W` and others a field on the lines below. */
function records(text: string): { readonly id: string; readonly fields: ReadonlyMap<string, string> }[] {
  return text.split(/^\.I /m).flatMap((record) => {
    const id = /^\d+/.exec(record)?.[0]
    if (id === undefined) return []
    const [, ...parts] = record.split(/^\.([A-Z])[ \t]*$/m)
    const fields = new Map<string, string>()
    for (let index = 0; index + 1 < parts.length; index += 2) {
      const name = parts[index] ?? ''
      fields.set(name, [fields.get(name), parts[index + 1]?.trim()].filter(Boolean).join('; '))
    }
    return [{ id, fields }]
  })
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
