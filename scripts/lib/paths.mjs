import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's top folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Where fetched tools live; ignored by git and safe to delete. */
export const TOOLS = join(ROOT, '.tools')
