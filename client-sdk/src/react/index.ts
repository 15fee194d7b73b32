export type { PlinthOptions } from '../generated/react.ts'
export { createQueryOptions, type QueryOptionsSettings } from './create-query-options.ts'
export type { Cursor, ListLeaf } from './infinite.ts'
export type { KeyDetails, PlinthKey } from './keys.ts'
export type { Branch, KeyedFilters, Leaf, ProcedureTypes } from './leaf.ts'
export type { JobMutationLeaf, JobUploadLeaf, MutationLeaf, UploadLeaf } from './mutation.ts'
export { PlinthProvider, type PlinthProviderProps, usePlinth, usePlinthClient } from './provider.ts'
export type { QueryCallOptions, QueryLeaf } from './query.ts'
export type {
  SubscriptionIn,
  SubscriptionLeaf,
  SubscriptionOptions,
  SubscriptionResult,
  SubscriptionState,
} from './subscription.ts'
export { useSubscription } from './use-subscription.ts'
