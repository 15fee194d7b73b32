import type { Request } from 'express'

/** Whether the caller has what `tag` names: `If-None-Match`, compared weakly (RFC 9110, §13.1.2). */
export function isKnown(req: Request, tag: string): boolean {
  const known = req.get('if-none-match')
  if (known === undefined) return false
  if (known.trim() === '*') return true
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}
