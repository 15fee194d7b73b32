import path from 'node:path'

/** The top of this checkout. */
export const REPOSITORY = path.resolve(import.meta.dirname, '../../..')
