import { isAllowed } from './classes/field-trials.ts'
import type { Surface, Trial, WireRequest } from './model.ts'

/**
 * A trial as a surface sends it, or undefined where it has no way to. In a path or query every value is text, so that the
 * number 1 and the text '1' are one: what the schema lets through as it arrives need not be refused any more.
 */
export function withMeaning(
  surface: Surface,
  trial: Trial,
): { readonly trial: Trial; readonly request: WireRequest | Buffer } | undefined {
  if (trial.kind === 'wire') return { trial, request: trial.request }
  const encoded = surface.encode(trial.entry, trial.input, trial.token)
  if (encoded === undefined) return undefined
  const place = encoded.undecodable === true ? undefined : trial.place
  if (encoded.meant === undefined) return { trial: { ...trial, place }, request: encoded.request }
  const input = encoded.meant
  // A key that nobody declared stays one.
  const surplus = trial.class === 'schema-wrong' && trial.place?.kind === 'any'
  const excused = trial.want === 'refused' && !surplus && isAllowed(trial.entry, input)
  return {
    trial: { ...trial, place, input, want: excused ? 'either' : trial.want },
    request: encoded.request,
  }
}
