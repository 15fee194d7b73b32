import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, Timestamp } from '../../../contract/schemas.ts'
import { EmailInput, FullName, User } from '../accounts.schema.ts'
import { NewPasswordInput, PasswordInput } from '../passwords/password-rules.ts'

const tokens = {
  accessToken: z.string().meta({
    description: 'Goes into the Authorization header as `Bearer …`.',
    examples: ['eyJhbGciOiJIUzI1NiJ9…'],
  }),
  refreshToken: z
    .string()
    .nullable()
    .meta({
      description: 'Exchange it with auth.refresh. Null in cookie mode: the cookie has it.',
      examples: ['the-refresh-token'],
    }),
  expiresAt: Timestamp.describe('When the access token ends.'),
}

/** A secret out of a mail. */
const LinkToken = z
  .string()
  .min(1)
  .max(200)
  .meta({ examples: ['the-token-of-the-mail'] })

export const AuthRegisterInput = z.strictObject({
  email: EmailInput,
  password: NewPasswordInput,
  fullName: FullName,
})
export const AuthRegisterOutput = z.object({ user: User, ...tokens })
export const AuthLoginInput = z.strictObject({ email: EmailInput, password: PasswordInput })
export const AuthLoginOutput = AuthRegisterOutput
export const AuthRefreshInput = z.strictObject({
  refreshToken: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: 'Leave it out in cookie mode.',
      examples: ['the-refresh-token'],
    }),
})
export const AuthRefreshOutput = z.object(tokens)
export const AuthChangePasswordInput = z.strictObject({
  currentPassword: PasswordInput,
  newPassword: NewPasswordInput,
})
export const AuthRequestPasswordResetInput = z.strictObject({ email: EmailInput })
export const AuthResetPasswordInput = z.strictObject({ token: LinkToken, password: NewPasswordInput })
export const AuthVerifyEmailInput = z.strictObject({ token: LinkToken })
export const AuthResendVerificationInput = z.strictObject({ email: EmailInput })
export const AuthDone = Done

const Session = named(
  'Session',
  'A log-in on one device.',
  z.object({
    id: Id,
    userAgent: z
      .string()
      .nullable()
      .meta({ examples: ['Mozilla/5.0 (X11; Linux x86_64)'] }),
    ip: z
      .string()
      .nullable()
      .meta({ examples: ['203.0.113.7'] }),
    current: z.boolean().describe('Whether this call was made in it.'),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.describe('When its tokens were last renewed.'),
    expiresAt: Timestamp,
  }),
)
export const AuthSessionsListInput = z.strictObject(pageInput)
export const AuthSessionsListOutput = listOf(Session)
export const AuthSessionsRevokeInput = z.strictObject({ id: Id })
