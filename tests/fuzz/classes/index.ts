import type { ClassName } from '../model.ts'
import type { Generator } from '../target.ts'
import { naughtyTrials, operatorTrials, poisonTrials, typeTrials } from './field-trials.ts'
import { heavyTrials, pollutionTrials } from './heavy-trials.ts'
import { regressionTrials } from './regression-trials.ts'
import { validTrials, wrongTrials } from './schema-trials.ts'
import { authTrials, envelopeTrials, jsonTrials, multipartTrials, socketTrials } from './wire-trials.ts'

/** How each class is made. */
export const generators: Readonly<Record<ClassName, Generator>> = {
  regressions: regressionTrials,
  types: typeTrials,
  operators: operatorTrials,
  poison: poisonTrials,
  naughty: naughtyTrials,
  'schema-valid': validTrials,
  'schema-wrong': wrongTrials,
  pollution: pollutionTrials,
  amplification: heavyTrials,
  json: jsonTrials,
  envelopes: envelopeTrials,
  'auth-headers': authTrials,
  multipart: multipartTrials,
  sockets: socketTrials,
}

/** How the inputs of a run are shared out. */
export const shares: Readonly<Record<ClassName, number>> = {
  regressions: 0,
  types: 14,
  operators: 14,
  poison: 14,
  naughty: 18,
  'schema-valid': 8,
  'schema-wrong': 22,
  json: 4,
  pollution: 3,
  amplification: 1,
  envelopes: 5,
  'auth-headers': 2,
  multipart: 1,
  sockets: 1,
}
