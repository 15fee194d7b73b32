import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/**
 * The layers. A file may use its own layer and those it names in `uses`; nothing else of the server. A path that
 * ends in `/` is a folder; the first that fits decides, so what no other layer claims of the server is its top.
 *
 * @type {{ name: string, paths: string[], uses: string[] }[]}
 */
const LAYERS = [
  { name: 'surfaces', paths: ['server/src/surfaces/'], uses: ['modules', 'contract', 'platform', 'config'] },
  { name: 'modules', paths: ['server/src/modules/'], uses: ['contract', 'platform', 'config', 'generated'] },
  { name: 'contract', paths: ['server/src/contract/'], uses: ['platform', 'config'] },
  { name: 'platform', paths: ['server/src/platform/'], uses: ['config', 'generated'] },
  { name: 'config', paths: ['server/src/config.ts', 'server/src/config/'], uses: ['platform'] },
  { name: 'generated', paths: ['server/generated/'], uses: [] },
  {
    name: 'the top of the server',
    paths: ['server/'],
    uses: ['surfaces', 'modules', 'contract', 'platform', 'config', 'generated'],
  },
  { name: 'client-sdk', paths: ['client-sdk/'], uses: [] },
  { name: 'examples', paths: ['examples/'], uses: [] },
]

/** The workspace package that leads into the server round the folders; the SDK's name is open to everyone. */
const SERVER_PACKAGE = /^@plinth\/server(?:\/|$)/

const MODULE_OF = /^server\/src\/modules\/([^/]+)\//

/** Static imports and re-exports at the start of a line, as the formatter puts them, and dynamic ones anywhere. */
const SPECIFIERS = [
  /^(?:import\s+(?:type\s+)?[\w*{][^'"=();]*?from|export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from)\s*['"]([^'"]+)['"]/gm,
  /^import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
]

/**
 * Finds imports that go up or sideways. Reads the text, not the program: TypeScript 7 offers no compiler API.
 *
 * @param {string} root the repository's top folder
 * @returns {string[]} one line for each forbidden import: file, what it imports, which rule it breaks
 */
export function findForbiddenImports(root) {
  const files = globSync(['server/src/**/*.ts', 'client-sdk/**/*.ts', 'examples/**/*.ts'], {
    cwd: root,
    exclude: (path) =>
      path === 'node_modules' || path.endsWith(`${sep}node_modules`) || path.endsWith('dist'),
  })
  return files
    .map((file) => file.split(sep).join('/'))
    .sort()
    .flatMap((file) =>
      specifiersOf(readFileSync(join(root, file), 'utf8')).flatMap((specifier) => judge(file, specifier)),
    )
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function specifiersOf(text) {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '')
  return SPECIFIERS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''))
}

/**
 * @param {string} file
 * @param {string} specifier
 * @returns {string[]}
 */
function judge(file, specifier) {
  const from = layerOf(file)
  const isRelative = specifier.startsWith('.')
  const target = isRelative
    ? relative('.', join(dirname(file), specifier))
        .split(sep)
        .join('/')
    : specifier
  const toName = isRelative
    ? layerOf(target)?.name
    : SERVER_PACKAGE.test(specifier)
      ? 'the top of the server'
      : undefined
  if (from === undefined || toName === undefined) return []
  if (toName !== from.name && !from.uses.includes(toName)) {
    return [`${file}: imports ${specifier}: ${from.name} must not use ${toName}`]
  }
  const ownModule = MODULE_OF.exec(file)?.[1]
  const otherModule = MODULE_OF.exec(target)?.[1]
  const isPrivate = from.name === 'modules' && otherModule !== undefined && otherModule !== ownModule
  if (isPrivate && target !== `server/src/modules/${otherModule}/index.ts`) {
    return [`${file}: imports ${specifier}: use the module "${otherModule}" through its index.ts`]
  }
  return []
}

/** @param {string} path */
function layerOf(path) {
  return LAYERS.find(({ paths }) =>
    paths.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one)),
  )
}
