import { plain } from '../output/sanitise.ts'
import { wordsOf } from '../words.ts'
import type { DeprecatedProcedure } from './contract.ts'

/** That a command goes away, when, and what to type instead. */
export function deprecationText({ since, use, sunset }: DeprecatedProcedure): string {
  const gone = sunset === undefined ? '' : `, gone from ${sunset}`
  return plain(`Deprecated since ${since}${gone}. Use: plinth ${wordsOf(use).join(' ')}`)
}
