import { exampleInput } from '../../contract/example-input.ts'
import { kebab } from '../../contract/kebab.ts'
import { type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { REST_BASE, type RestRoute } from '../rest/route.ts'
import type { CodeSample } from './document.ts'
import { bodyExample } from './parameters.ts'

/** An operation's example as each way of calling writes it. */
export function codeSamples(route: RestRoute, baseUrl: string): CodeSample[] {
  const { entry } = route
  const surfaces = entry.policy.surfaces ?? {}
  return [
    { lang: 'TypeScript', label: 'SDK', source: sdkSample(entry) },
    { lang: 'Shell', label: 'curl', source: curlSample(route, baseUrl) },
    ...(surfaces.cli === false ? [] : [{ lang: 'Shell', label: 'Command line', source: cliSample(entry) }]),
    ...(surfaces.mcp === false ? [] : [{ lang: 'JSON', label: 'MCP', source: mcpSample(entry) }]),
  ]
}

function sdkSample(entry: RegistryEntry): string {
  const { path, kind } = entry
  const input = exampleInput(entry)
  const written = takesFile(entry) ? literal({ ...fieldsOf(input), file: RAW_FILE }) : literal(input)
  if (kind !== 'subscription') return `const answer = await client.${path}.${VERBS[kind]}(${written})`
  return `for await (const event of client.${path}.subscribe(${written})) console.log(event)`
}

const VERBS = { query: 'query', mutation: 'mutate' } as const
/** Stands for an expression in what is printed as JSON. */
const RAW_FILE = '\u0000file'

function literal(value: unknown): string {
  if (value === undefined) return ''
  return JSON.stringify(value, null, 2)
    .replaceAll(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(JSON.stringify(RAW_FILE), 'file')
}

function curlSample(route: RestRoute, baseUrl: string): string {
  const { method, body, entry } = route
  const needsToken = entry.policy.scope !== 'none'
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${baseUrl}${addressOf(route)}'`,
    ...(needsToken ? [`-H "Authorization: Bearer $PLINTH_TOKEN"`] : []),
    ...(entry.kind === 'subscription' ? ['-N'] : []),
    ...(body === 'multipart' ? formArguments(route) : []),
    ...(body === 'fields' || body === 'data'
      ? [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(bodyExample(route)))}`]
      : []),
  ]
  return parts.join(' \\\n  ')
}

function formArguments(route: RestRoute): string[] {
  return Object.entries(bodyExample(route)).map(([name, value]) =>
    name === 'file' ? `-F 'file=@${String(value)}'` : `-F ${quoted(`${name}=${String(value)}`)}`,
  )
}

function addressOf({ path, queryFields, entry }: RestRoute): string {
  const example = fieldsOf(exampleInput(entry))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_braces, name: string) =>
    encodeURIComponent(String(example[name])),
  )
  const search = new URLSearchParams()
  for (const name of queryFields) {
    for (const value of [example[name]].flat()) if (value !== undefined) search.append(name, String(value))
  }
  return `${REST_BASE}${filled}${search.size === 0 ? '' : `?${search}`}`
}

/** Secrets are no flags: the command asks for them. */
const SECRET = /password|secret|passphrase|^(?:refresh|access)?token$/i

function cliSample(entry: RegistryEntry): string {
  const command = entry.path.split('.').map(kebab).join(' ')
  const fields = Object.entries(fieldsOf(exampleInput(entry))).filter(([name]) => !SECRET.test(name))
  return [`plinth ${command}`, ...flagsOf('', Object.fromEntries(fields))].join(' ')
}

/** Fields as flags, those of an object inside as `--data.title`. */
function flagsOf(prefix: string, fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const flag = `${prefix}${kebab(name)}`
    if (value === true) return [`--${flag}`]
    if (Array.isArray(value)) {
      return value.map(
        (one) => `--${flag} ${quoted(typeof one === 'object' ? JSON.stringify(one) : String(one))}`,
      )
    }
    if (typeof value === 'object' && value !== null) return flagsOf(`${flag}.`, { ...value })
    return [`--${flag} ${quoted(String(value))}`]
  })
}

/** As `tools/call` of MCP: a tool of its own where it is listed, else by name. */
function mcpSample(entry: RegistryEntry): string {
  const { path, kind, policy } = entry
  const name = path.replaceAll('.', '_')
  const input = fieldsOf(exampleInput(entry))
  const args = takesFile(entry) ? { ...input, file: { name: 'notes.txt', text: 'What is in it.' } } : input
  const caller = kind === 'subscription' ? 'wait_for_events' : 'call_procedure'
  const params =
    policy.surfaces?.mcp === 'listed' && kind !== 'subscription'
      ? { name, arguments: args }
      : { name: caller, arguments: { name, arguments: args } }
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, null, 2)
}

function fieldsOf(input: unknown): Record<string, unknown> {
  return typeof input === 'object' && input !== null ? { ...input } : {}
}

/** For a shell; bare where nothing in it means anything to one. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
