export { type Accounts, createAccounts } from './create-accounts.ts'
export { ALL_STATS, statsTag, statsTags } from './users/stats-tags.ts'
