export { providerReasons } from './calls/provider-failure.ts'
export { createModels, type Models } from './create-models.ts'
export type { AlongsideUsage } from './ledger/reserve.repository.ts'
export type {
  Bill,
  MeteredAnswer,
  ModelCalls,
  ModelUse,
  UsableModel,
} from './model-calls.ts'
