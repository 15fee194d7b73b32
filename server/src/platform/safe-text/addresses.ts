/** What begins an address, in lower case. The first ones lead somewhere; those without `//` carry code or data. */
const BEGINNINGS = ['http://', 'https://', 'ftp://', 'ws://', 'wss://', 'www.'] as const
const CARRIERS = ['javascript:', 'vbscript:', 'data:', 'blob:', 'file:'] as const
const LONGEST_BEGINNING = 'javascript:'.length
const LONGEST_ADDRESS = 2_000

const BODY = /[\p{L}\p{N}\p{M}\-._~:/?#@!$&+,;=%]*/uy
/** Belongs to the sentence, not to the address. */
const TRAILING = /[.,;:!?]+$/

/** An address that stands in a text. */
export interface FoundAddress {
  readonly text: string
  /** What may be shown of it without carrying anything: the host it leads to, or the scheme. */
  readonly shown: string
}

/** Letters that an address can begin with. */
export const ADDRESS_LETTER = /[bdfhjvw]/i

/**
 * The address at `at`, undefined when there is none, or `wait` when that depends on what follows `text`.
 * @param before the character before it
 */
export function addressAt(
  text: string,
  at: number,
  before: string,
  isWhole: boolean,
): FoundAddress | 'wait' | undefined {
  const head = text.slice(at, at + LONGEST_BEGINNING + 1).toLowerCase()
  const rest = text.length - at
  const beginning = BEGINNINGS.find((known) => head.startsWith(known))
  const carrier = /[\p{L}\p{N}]/u.test(before)
    ? undefined
    : CARRIERS.find((known) => head.startsWith(known) && /^\S/u.test(head.slice(known.length)))
  if (beginning === undefined && carrier === undefined) {
    const open = !isWhole && [...BEGINNINGS, ...CARRIERS].some((known) => known.startsWith(head))
    return open && rest <= LONGEST_BEGINNING ? 'wait' : undefined
  }
  BODY.lastIndex = at
  const body = BODY.exec(text)?.[0].slice(0, LONGEST_ADDRESS) ?? ''
  if (!isWhole && body.length === rest && rest < LONGEST_ADDRESS) return 'wait'
  const found = body.length === LONGEST_ADDRESS ? body : body.replace(TRAILING, '')
  if (carrier !== undefined) return { text: found, shown: carrier.slice(0, -1) }
  return { text: found, shown: hostOf(found) }
}

/** The host as it would be connected to, so that neither a user part nor look-alike letters hide it. */
function hostOf(address: string): string {
  const whole = /^www\./i.test(address) ? `https://${address}` : address
  try {
    return new URL(whole).host.replace(/[^\w.:[\]-]/g, '')
  } catch {
    return ''
  }
}
