export { Delegation, type Delegations } from './authenticator/delegation.ts'
export { type Accounts, createAccounts } from './create-accounts.ts'
export { profileTag } from './users/profile-tag.ts'
export { ALL_STATS, statsTag, statsTags } from './users/stats-tags.ts'
