/** Formats the repository and applies every safe repair the linter knows. */
import { biome } from './lib/checks.mjs'

const { ok, output } = await biome('check', '--write')
process.stdout.write(output)
process.exitCode = ok ? 0 : 1
