import { compareSchema, type SchemaPair } from './compare-schema.ts'
import { compareCommand, compareOperation, compareSurfaces } from './compare-surfaces.ts'
import { type Contract, callersOf } from './contract.ts'
import type { Difference } from './difference.ts'
import { type Add, collect, type Pair } from './procedure-pair.ts'
import { admitsAll, keepsScope } from './who-may.ts'

type Types = Contract['types']

/** The differences of a procedure that is in both contracts. */
export function compareProcedure(pair: Pair, was: Types, is: Types): Difference[] {
  return [
    ...compareRules(pair),
    ...compareSurfaces(pair),
    ...compareOperation(pair),
    ...compareCommand(pair),
    ...compareErrors(pair),
    ...compareDeprecation(pair),
    ...schemasOf(pair).flatMap((schemas) => compareSchema(schemas, was, is)),
    ...comparePresence(pair),
  ]
}

function schemasOf({ path, was, is }: Pair): SchemaPair[] {
  const callers = callersOf(was)
  const base = { where: path, callers }
  const pairs: SchemaPair[] = []
  if (was.input !== null && is.input !== null)
    pairs.push({ ...base, was: was.input, is: is.input, direction: 'input', prefix: 'input' })
  const prefix = was.kind === 'subscription' ? 'event' : 'output'
  pairs.push({ ...base, was: was.output, is: is.output, direction: 'output', prefix })
  if (was.job !== null && is.job !== null)
    pairs.push({ ...base, was: was.job.result, is: is.job.result, direction: 'output', prefix: 'job result' })
  return pairs
}

/** Inputs and jobs that are there on one side only. */
function comparePresence({ path, was, is }: Pair): Difference[] {
  const all = callersOf(was)
  const found: Difference[] = []
  const add = collect(found, path)
  if (was.input === null && is.input !== null) {
    const required = is.input.required ?? []
    if (required.length === 0) add('additive', 'input', 'can have fields now', all, '', 'Added')
    else
      add('breaking', 'input', `must be sent now: ${required.join(', ')}`, all, 'make every field optional')
  }
  if (was.input !== null && is.input === null)
    add('breaking', 'input', 'is gone', all, 'go on taking it, without effect if need be', 'Removed')
  if (was.job === null && is.job !== null)
    add(
      'breaking',
      'job',
      `answers with a job (${is.job.name}) now, at once`,
      all,
      'start the job in a new procedure',
    )
  if (was.job !== null && is.job === null)
    add(
      'breaking',
      'job',
      'answers with no job any more',
      all,
      'answer with its end in a new procedure',
      'Removed',
    )
  if (was.job !== null && is.job !== null && was.job.name !== is.job.name)
    add('breaking', 'job', `is called ${is.job.name} now, was ${was.job.name}`, all, 'keep its name')
  return found
}

function compareRules({ path, was, is }: Pair): Difference[] {
  const all = callersOf(was)
  const found: Difference[] = []
  const add = collect(found, path)
  const changed = (key: 'kind' | 'access' | 'scope' | 'limit') => `is ${is[key]} now, was ${was[key]}`
  if (was.kind !== is.kind) add('breaking', 'kind', changed('kind'), all, 'add a procedure of the other kind')
  if (was.access !== is.access)
    add(
      admitsAll(was.access, is.access) ? 'additive' : 'breaking',
      'access',
      changed('access'),
      all,
      'keep letting in whoever was let in; put what needs more into a new procedure',
    )
  if (was.scope !== is.scope)
    add(
      keepsScope(was.scope, is.scope) ? 'additive' : 'breaking',
      'scope',
      changed('scope'),
      all,
      'API keys carry the scopes of the day they were made: keep the scope',
    )
  if (was.limit !== is.limit) add('additive', 'limit', changed('limit'), all)
  if (was.freshMinutes !== is.freshMinutes)
    add(
      isLonger(was.freshMinutes, is.freshMinutes) ? 'additive' : 'breaking',
      'freshMinutes',
      `a password proven ${minutes(is.freshMinutes)} is enough now, was ${minutes(was.freshMinutes)}`,
      all,
      'keep the time, or ask for the password in a new procedure',
    )
  if (was.batch !== is.batch)
    add(
      is.batch ? 'additive' : 'breaking',
      'batch',
      is.batch ? 'can be part of a batch' : 'cannot be part of a batch any more',
      ['SDK'],
      'let it be part of a batch: clients that are out there send it in one',
    )
  if (was.idempotent !== is.idempotent)
    add(
      is.idempotent ? 'additive' : 'breaking',
      'idempotent',
      is.idempotent ? 'can be called twice without harm' : 'cannot be called twice without harm any more',
      all,
      'callers try such calls again by themselves: keep it so',
    )
  if (was.destructive !== is.destructive) {
    const asks = callersOf(was).filter((caller) => caller === 'command' || caller === 'tool')
    const breaks = is.destructive && asks.length > 0
    add(
      breaks ? 'breaking' : 'additive',
      'destructive',
      is.destructive
        ? 'asks for confirmation now, which scripts cannot give'
        : 'asks for no confirmation any more',
      asks,
      'do what takes something away in a new procedure',
    )
  }
  addUpload({ path, was, is }, add)
  return found
}

function addUpload({ was, is }: Pair, add: Add): void {
  const all = callersOf(was)
  if (JSON.stringify(was.upload) === JSON.stringify(is.upload)) return
  if (was.upload === null || is.upload === null) {
    const what = is.upload === null ? 'takes no file any more' : 'takes a file now, as a form'
    add('breaking', 'upload', what, all, 'take the file in a new procedure')
    return
  }
  const { maxBytes: bytesWas, types: typesWas } = was.upload
  const { maxBytes: bytesIs, types: typesIs } = is.upload
  const lessRoom = bytesIs !== null && (bytesWas === null || bytesIs < bytesWas)
  const fewer = typesIs !== null && (typesWas === null || typesWas.some((type) => !typesIs.includes(type)))
  const said = `takes ${bytesIs ?? 'any number of'} bytes of ${typesIs?.join(', ') ?? 'any type'} now`
  add(
    lessRoom || fewer ? 'breaking' : 'additive',
    'upload',
    said,
    all,
    'go on taking the files that were taken',
  )
}

/** An error nobody has a branch for is still an error: reasons may come and go. */
function compareErrors({ path, was, is }: Pair): Difference[] {
  const found: Difference[] = []
  const add = collect(found, path)
  for (const reason of is.errors.filter((each) => !was.errors.includes(each)))
    add('additive', 'errors', `can fail with ${reason}`, callersOf(is), '', 'Added')
  for (const reason of was.errors.filter((each) => !is.errors.includes(each)))
    add('additive', 'errors', `never fails with ${reason} any more`, callersOf(is))
  return found
}

function compareDeprecation({ path, was, is }: Pair): Difference[] {
  if (JSON.stringify(was.deprecated) === JSON.stringify(is.deprecated)) return []
  const found: Difference[] = []
  const add = collect(found, path)
  if (is.deprecated === null) add('additive', 'deprecated', 'is not deprecated any more', callersOf(is))
  else {
    const { since, use, sunset } = is.deprecated
    const until = sunset === null ? '' : `, gone from ${sunset}`
    add('additive', 'deprecated', `since ${since}${until}: use ${use}`, callersOf(is), '', 'Deprecated')
  }
  return found
}

function isLonger(was: number | null, is: number | null): boolean {
  return is === null || (was !== null && is > was)
}

function minutes(value: number | null): string {
  return value === null ? 'at any time' : `${value} minutes ago`
}
