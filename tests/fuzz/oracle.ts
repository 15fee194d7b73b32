import { isDone } from '../../server/src/contract/json-schema.ts'
import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import { leakOf } from '../support/leak.ts'
import type { BadName, InputTrial, Reading, Trial, WireAnswer, WireTrial } from './model.ts'
import { type Path, valueAt } from './schema/fields.ts'
import { violation } from './schema/validator.ts'

/** What is wrong with one answer. */
export interface Fault {
  readonly bad: BadName
  readonly why: string
}

const MAX_ERROR_BYTES = 16_384
const MAX_ISSUES = 10
const FREE_BYTES = 65_536
const GROWTH = 4
/** Texts of this length make a URL of more than 8 KiB, which is refused before anybody looks at its fields. */
const LONGEST_IN_A_URL = 2_500
/** Tokens and hashes, which no stored text may be either. */
const SECRET = /\$argon2|\$2[aby]\$\d|eyJ[A-Za-z0-9_-]{20,}\./

/**
 * A valid input may be refused by rules between fields, or by what the server knows, that JSON Schema has no word for:
 * the fields that are then named, over REST without the `data` that is the body there.
 */
const RULES_BEYOND_SCHEMA: Readonly<Record<string, RegExp>> = {
  'agents.create': /^(?:tools\.\d+|model)$/,
  'agents.update': /^(?:data\.)?(?:tools\.\d+|model)$/,
  'chat.send': /^model$/,
  'chat.threads.create': /^model$/,
  'chat.threads.update': /^(?:data\.)?model$/,
  'notifications.markRead': /^ids$/,
  'usage.entries': /^from$/,
  'usage.mine': /^from$/,
  'users.setPlan': /^$/,
  'users.update': /^(?:data\.)?preferredProvider$/,
}

/** What these answer under the name of a field of theirs is another thing by design. */
const ANOTHER: Readonly<Record<string, readonly string[]>> = { 'chat.retry': ['replyId'] }

/** Whatever came of a request: no 5xx, nothing cut or hanging, nothing internal in it, no flood. */
export function faultsOfAnswer(trial: Trial, answer: WireAnswer, reading: Reading): Fault[] {
  const faults: Fault[] = []
  const raw = trial.kind === 'wire' && Buffer.isBuffer(trial.request)
  if (answer.failure === 'hang')
    return [{ bad: 'hangs', why: `nothing came for ${Math.round(answer.ms)} ms` }]
  if (answer.failure === 'cut') return [{ bad: 'crashes', why: 'the connection was cut without an answer' }]
  if (answer.status === 0 && !raw) return [{ bad: 'crashes', why: 'no answer' }]
  const status = Math.max(answer.status, reading.status)
  if (status >= 500 && !(raw && [501, 505].includes(status)))
    faults.push({ bad: 'serverErrors', why: `${status}` })
  const tokens = trial.kind === 'input' && /^(?:auth|apiKeys|files)\./.test(trial.entry.path)
  // What was asked for may hold any words; what a change answers, and every refusal, only our own and the caller's.
  const content = reading.ok && (trial.kind === 'wire' || trial.entry.kind === 'query')
  const leak = content
    ? SECRET.exec(tokens ? '' : answer.text)?.[0]
    : leakOf(answer.text, { echoed: echoes(trial), ...(tokens ? { tokens: true } : {}) })
  if (leak !== undefined) faults.push({ bad: 'leaks', why: leak })
  const isList = trial.kind === 'input' && /\.list$/.test(trial.entry.path) && reading.ok
  const most = reading.ok ? Math.max(GROWTH * answer.sentBytes, FREE_BYTES) : MAX_ERROR_BYTES
  const bytes = Buffer.byteLength(answer.text)
  if (!isList && !raw && bytes > most)
    faults.push({ bad: 'amplified', why: `${answer.sentBytes} → ${bytes} bytes` })
  if (raw) return faults
  if (reading.malformed !== undefined) faults.push({ bad: 'malformed', why: reading.malformed })
  if (reading.fields.length > MAX_ISSUES) faults.push({ bad: 'malformed', why: 'more than ten issues' })
  if (answer.headers['x-powered-by'] !== undefined) faults.push({ bad: 'leaks', why: 'X-Powered-By' })
  return faults
}

/** What the answer to a request that is no proper call must be. */
export function faultsOfWire({ statuses }: WireTrial, answer: WireAnswer): Fault[] {
  if (statuses === undefined || statuses.includes(answer.status)) return []
  return [{ bad: answer.status < 400 ? 'wrongAccepts' : 'wrongRejects', why: `status ${answer.status}` }]
}

/** What the answer to one input must be. */
export function faultsOfInput(trial: InputTrial, answer: WireAnswer, reading: Reading): Fault[] {
  const { entry, caller, want, place } = trial
  if (caller === 'anonymous') {
    if (reading.status === 401) return []
    // The door itself may refuse what it cannot read, but says nothing about fields to nobody.
    if (!reading.ok && reading.fields.length === 0) return []
    return [{ bad: 'wrongAccepts', why: `nobody was answered ${reading.status} ${reading.fields.join()}` }]
  }
  if (reading.ok) {
    if (want === 'refused') return [{ bad: 'wrongAccepts', why: `${place?.name ?? 'it'} was accepted` }]
    return faultsOfData(trial, reading.data)
  }
  if (want === 'valid') return wrongReject(entry, answer, reading)
  if (want !== 'refused' || reading.status !== 400 || place === undefined || place.path.length === 0)
    return []
  // The secret of a link is refused as a whole: which part of it is wrong is nobody's business.
  if (reading.reason === 'TOKEN_INVALID' || isLong(trial)) return []
  return isNamed(place.name, reading.fields)
    ? []
    : [{ bad: 'unnamed', why: `named ${JSON.stringify(reading.fields)} instead of ${place.name}` }]
}

function wrongReject(entry: RegistryEntry, answer: WireAnswer, reading: Reading): Fault[] {
  // Other refusals are about the state of things: gone, taken, used up.
  if (reading.status !== 400 || reading.reason !== '') return []
  const beyond = RULES_BEYOND_SCHEMA[entry.path]
  if (beyond !== undefined && reading.fields.every((name) => beyond.test(name))) return []
  return [{ bad: 'wrongRejects', why: answer.text.slice(0, 300) }]
}

/** What was accepted must answer as declared, and with what was sent. */
function faultsOfData({ entry, input }: InputTrial, data: unknown): Fault[] {
  // That a stream has begun is all there is to see of it.
  if (entry.kind === 'subscription') return []
  const wrong = isDone(entry.output) && data === undefined ? undefined : violation(entry.output, data)
  if (wrong !== undefined) return [{ bad: 'malformed', why: `the answer is not as declared: ${wrong}` }]
  if (entry.kind !== 'mutation') return []
  const another = ANOTHER[entry.path] ?? []
  return differences(input, data, [])
    .filter((difference) => !another.some((name) => difference.startsWith(`${name}: `)))
    .map((why) => ({ bad: 'changed', why }))
}

/** Texts, numbers and booleans that came back as something else. */
export function differences(sent: unknown, back: unknown, path: Path): string[] {
  if (typeof sent === 'object' && sent !== null && !(sent instanceof File)) {
    return Object.entries(sent).flatMap(([key, value]) => {
      const inner = [...path, Array.isArray(sent) ? Number(key) : key]
      return differences(value, back, inner)
    })
  }
  const name = path.join('.')
  // A version is the one that was seen; addresses come back in their one form; secrets do not come back.
  if (/(?:^|\.)version$|email|password|token/i.test(name)) return []
  const found = valueAt(back, path[0] === 'data' && typeof path[1] === 'string' ? path.slice(1) : path)
  if (found === undefined || found === null || typeof found === 'object' || typeof sent !== typeof found)
    return []
  const same =
    sent === found ||
    (String(sent).toLowerCase() === String(found).toLowerCase() &&
      /(?:^|\.)(?:id|\w+Id|ids\.\d+)$/.test(name)) ||
    (typeof sent === 'string' && Date.parse(sent) === Date.parse(String(found)))
  return same
    ? []
    : [`${name}: ${JSON.stringify(sent).slice(0, 80)} came back as ${JSON.stringify(found).slice(0, 80)}`]
}

function isNamed(name: string, fields: readonly string[]): boolean {
  return fields.some(
    (field) => field === name || field.startsWith(`${name}.`) || (field !== '' && name.startsWith(field)),
  )
}

function isLong({ place, input }: InputTrial): boolean {
  const value = place === undefined ? undefined : valueAt(input, place.path)
  return (JSON.stringify(value)?.length ?? 0) > LONGEST_IN_A_URL
}

/** The text the caller sent itself, which may come back. */
function echoes(trial: Trial): string[] {
  if (trial.kind === 'wire') return []
  const texts: string[] = []
  const visit = (value: unknown): void => {
    if (typeof value === 'string')
      texts.push(value, value.normalize('NFKC').toLowerCase(), value.slice(0, 100))
    else if (typeof value === 'object' && value !== null && texts.length < 100)
      Object.values(value).forEach(visit)
  }
  visit(trial.input)
  return texts
}
