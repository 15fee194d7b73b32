export { type AccessTokens, createAccessTokens } from './access-tokens.ts'
export { createMacTokens, type MacTokens } from './mac-tokens.ts'
