export {
  type AccessClaims,
  type AccessTokens,
  createAccessTokens,
  type IssuedToken,
} from './access-tokens.ts'
export { createMacTokens, type MacTokens } from './mac-tokens.ts'
