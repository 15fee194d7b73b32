import { type ErrorCode, type ErrorReason, errorCodes, errorReasons } from '../../contract/errors.ts'
import type { RegistryEntry } from '../../contract/registry.ts'

/** Codes that say why in a reason: a procedure answers with them only if it declares one of their reasons. */
const DECLARED_CODES: ReadonlySet<ErrorCode> = new Set([
  'CONFLICT',
  'PRECONDITION_FAILED',
  'UNPROCESSABLE_CONTENT',
])

/** Codes any call can fail with, in the order of the catalogue. */
export function commonCodes(): ErrorCode[] {
  return allCodes().filter((code) => !DECLARED_CODES.has(code))
}

/** The whole catalogue. */
export function allCodes(): ErrorCode[] {
  return typedKeys(errorCodes)
}

/** All reasons of the catalogue. */
export function allReasons(): ErrorReason[] {
  return typedKeys(errorReasons)
}

/** The reasons a procedure can fail with: what its policy declares and what the pipeline adds because of the policy. */
export function reasonsOf({ kind, policy }: RegistryEntry): ErrorReason[] {
  const reasons = new Set<ErrorReason>(policy.errors)
  if (policy.scope === 'session') reasons.add('SESSION_REQUIRED')
  else if (policy.scope !== 'none') reasons.add('SCOPE_MISSING')
  if (policy.freshMinutes !== undefined) reasons.add('REAUTH_REQUIRED')
  if (kind === 'mutation') reasons.add('IDEMPOTENCY_MISMATCH')
  reasons.add('OVERLOADED')
  return [...reasons].sort()
}

/** The codes a procedure can fail with beside the common ones. */
export function extraCodesOf(entry: RegistryEntry): ErrorCode[] {
  const codes = new Set<ErrorCode>(reasonsOf(entry).map((reason) => errorReasons[reason].code))
  // Whatever changes something can collide with what is there, also without a reason a program could act on.
  if (entry.kind === 'mutation') codes.add('CONFLICT')
  return allCodes().filter((code) => codes.has(code) && DECLARED_CODES.has(code))
}

function typedKeys<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const keys: K[] = []
  for (const key in record) keys.push(key)
  return keys
}
