import { mutation, query, router } from '../../../contract/procedure.ts'
import { NoInput } from '../../../contract/schemas.ts'
import {
  AuthChangePasswordInput,
  AuthDone,
  AuthLoginInput,
  AuthLoginOutput,
  AuthRefreshInput,
  AuthRefreshOutput,
  AuthRegisterInput,
  AuthRegisterOutput,
  AuthRequestPasswordResetInput,
  AuthResendVerificationInput,
  AuthResetPasswordInput,
  AuthSessionsListInput,
  AuthSessionsListOutput,
  AuthSessionsRevokeInput,
  AuthVerifyEmailInput,
} from './auth.schema.ts'
import type { LoginService } from './login.service.ts'
import type { PasswordChangeService } from './password-change.service.ts'
import type { RefreshService } from './refresh.service.ts'
import type { RegistrationService } from './registration.service.ts'
import type { SessionsService } from './sessions.service.ts'
import type { VerificationService } from './verification.service.ts'

/** The services behind `auth`. */
export interface AuthServices {
  readonly registration: RegistrationService
  readonly login: LoginService
  readonly refresh: RefreshService
  readonly sessions: SessionsService
  readonly passwordChange: PasswordChangeService
  readonly verification: VerificationService
}

const anyone = {
  access: { who: 'public' },
  scope: 'none',
  batch: false,
  surfaces: { mcp: false, agent: false },
} as const
const session = { access: { who: 'user' }, scope: 'session', surfaces: { mcp: false, agent: false } } as const
/** What begins, renews and ends sessions: `plinth login` and `plinth logout` do, and keep the tokens to themselves. */
const noCommand = { surfaces: { ...anyone.surfaces, cli: false } } as const

/** `auth.*`: who somebody is. */
export const createAuthRouter = (services: AuthServices) =>
  router({
    register: mutation({
      summary: 'Makes an account and logs it in.',
      description:
        'For an address that has an account already the answer looks the same but its tokens hold for nothing, and the owner is told by mail.',
      policy: {
        ...anyone,
        ...noCommand,
        limit: 'credential',
        audit: 'auth.register',
        anonymousKeys: true,
        errors: ['PASSWORD_REFUSED', 'OVERLOADED'],
      },
      input: AuthRegisterInput,
      output: AuthRegisterOutput,
      run: ({ input, context, unit, signal }) =>
        services.registration.register({ input, context, unit, signal }),
    }),
    login: mutation({
      summary: 'Begins a session.',
      description: 'One error for whatever is wrong. Five attempts in 15 minutes for an account.',
      policy: {
        ...anyone,
        ...noCommand,
        limit: 'credential',
        audit: 'auth.login',
        errors: ['INVALID_CREDENTIALS', 'OVERLOADED'],
      },
      input: AuthLoginInput,
      output: AuthLoginOutput,
      run: ({ input, context, unit, signal }) => services.login.login({ input, context, unit, signal }),
    }),
    refresh: mutation({
      summary: 'Exchanges a refresh token for new tokens.',
      description:
        'A token counts once; asked again within 10 seconds it gives the same successor. Later it ends the session.',
      policy: { ...anyone, ...noCommand, limit: 'refresh', audit: 'auth.refresh', idempotent: true },
      input: AuthRefreshInput,
      output: AuthRefreshOutput,
      run: ({ input, context, unit, signal }) => services.refresh.refresh({ input, context, unit, signal }),
    }),
    logout: mutation({
      summary: 'Ends the session of the access token, or of the refresh cookie.',
      policy: {
        ...session,
        ...noCommand,
        access: { who: 'public' },
        limit: 'write',
        audit: 'auth.logout',
        idempotent: true,
      },
      input: NoInput,
      output: AuthDone,
      run: ({ actor, context, unit }) => services.sessions.logout({ actor, cookies: context.cookies, unit }),
    }),
    logoutAll: mutation({
      summary: 'Ends all sessions of the caller, this one included.',
      policy: { ...session, limit: 'write', audit: 'auth.logoutAll', idempotent: true },
      input: NoInput,
      output: AuthDone,
      run: (call) => services.sessions.logoutAll(call),
    }),
    changePassword: mutation({
      summary: 'Sets a new password and ends all other sessions.',
      description: 'API keys end too; make new ones afterwards.',
      policy: {
        ...session,
        limit: 'credential',
        batch: false,
        audit: 'auth.changePassword',
        errors: ['INVALID_CREDENTIALS', 'PASSWORD_REFUSED', 'OVERLOADED'],
      },
      input: AuthChangePasswordInput,
      output: AuthDone,
      run: ({ actor, input, context, unit, signal }) =>
        services.passwordChange.change({ actor, input, context, unit, signal }),
    }),
    requestPasswordReset: mutation({
      summary: 'Mails a link for setting a new password, if there is such an account.',
      policy: { ...anyone, limit: 'mail', audit: 'auth.requestPasswordReset' },
      input: AuthRequestPasswordResetInput,
      output: AuthDone,
      run: ({ input, context, unit, signal }) =>
        services.passwordChange.requestReset({ input, context, unit, signal }),
    }),
    resetPassword: mutation({
      summary: 'Sets a new password with the token of a mailed link and ends all sessions.',
      description: 'API keys end too. A lock after wrong guesses ends.',
      policy: {
        ...anyone,
        limit: 'credential',
        audit: 'auth.resetPassword',
        anonymousKeys: true,
        errors: ['TOKEN_INVALID', 'PASSWORD_REFUSED', 'OVERLOADED'],
      },
      input: AuthResetPasswordInput,
      output: AuthDone,
      run: ({ input, context, unit, signal }) =>
        services.passwordChange.reset({ input, context, unit, signal }),
    }),
    verifyEmail: mutation({
      summary: 'Confirms an e-mail address with the token of a mailed link.',
      policy: {
        ...anyone,
        limit: 'credential',
        audit: 'auth.verifyEmail',
        anonymousKeys: true,
        errors: ['TOKEN_INVALID'],
      },
      input: AuthVerifyEmailInput,
      output: AuthDone,
      run: ({ input, unit }) => services.verification.verify({ input, unit }),
    }),
    resendVerification: mutation({
      summary: 'Mails a new link for confirming an address, if there is such an account and it needs one.',
      policy: { ...anyone, limit: 'mail', audit: 'auth.resendVerification' },
      input: AuthResendVerificationInput,
      output: AuthDone,
      run: ({ input, unit }) => services.verification.resend({ input, unit }),
    }),
    sessions: router({
      list: query({
        summary: 'Lists the live sessions of the caller, newest first.',
        policy: { ...session, limit: 'read' },
        input: AuthSessionsListInput,
        output: AuthSessionsListOutput,
        run: ({ actor, input }) => services.sessions.list({ actor, input }),
      }),
      revoke: mutation({
        summary: 'Ends a session of the caller.',
        policy: {
          ...session,
          surfaces: { ...session.surfaces, rest: 'DELETE /auth/sessions/{id}' },
          limit: 'write',
          audit: 'auth.revokeSession',
        },
        input: AuthSessionsRevokeInput,
        output: AuthDone,
        run: ({ actor, input, unit }) => services.sessions.revoke({ actor, input, unit }),
      }),
    }),
  })
