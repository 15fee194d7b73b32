export {
  createPasswordHasher,
  type PasswordHasher,
  type PasswordHasherOptions,
  type Verdict,
} from './password-hasher.ts'
