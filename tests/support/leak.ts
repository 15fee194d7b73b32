/** What must never leave: stacks, paths, library and SQL words, hosts, hashes, tokens, keys. */
const LEAK =
  /\bat .+:\d+:\d+|node_modules|\.ts:\d+|prisma|P20\d\d|\b(?:SELECT|INSERT|UPDATE)\b .* (?:FROM|INTO|SET)|\bECONN|ENOENT|postgres(?:ql)?:\/\/|redis:\/\/|\$argon2|\$2[aby]\$|(?<![\w-])sk-[A-Za-z0-9]{10}/i
const TOKEN = /eyJ[A-Za-z0-9_-]{20,}\./
const TOKEN_FIELDS = /"(?:accessToken|refreshToken|key)":"[\w.-]+"/g

/** What an answer may hold that would be a leak elsewhere. */
export interface LeakOptions {
  /** The contract hands out tokens here. */
  readonly tokens?: true
  /** Text the caller sent itself, which may come back. */
  readonly echoed?: readonly string[]
}

/** The first thing in `text` that must not be there. */
export function leakOf(text: string, { tokens, echoed = [] }: LeakOptions = {}): string | undefined {
  let rest = tokens === true ? text.replaceAll(TOKEN_FIELDS, '') : text
  for (const sent of echoed) if (sent !== '') rest = rest.replaceAll(JSON.stringify(sent).slice(1, -1), '')
  return LEAK.exec(rest)?.[0] ?? TOKEN.exec(rest)?.[0]
}
