import { readFileSync } from 'node:fs'
import { z } from 'zod'

const MANIFEST = new URL('../../../../client-sdk/package.json', import.meta.url)

/** The version of what callers see: that of the SDK, which is generated from it. */
export function contractVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(MANIFEST, 'utf8'))).version
}
