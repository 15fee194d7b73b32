export { EmailInput, UserSummary } from './accounts.schema.ts'
export { type Accounts, type AccountsDeps, createAccounts, type KnownUser } from './create-accounts.ts'
