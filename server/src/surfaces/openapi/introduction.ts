import { errorCodes, errorReasons } from '../../contract/errors.ts'
import { allCodes, allReasons } from '../sdk/procedure-errors.ts'

/** What holds for all operations, in Markdown. */
export function introduction(): string {
  return `${GENERAL}

## Errors

A failed answer is \`application/problem+json\` (RFC 9457). Decide by \`code\` and, where there is one, \`reason\`; show
\`detail\` to people; quote \`traceId\` when asking for help.

| code | status | try again? | says |
| --- | --- | --- | --- |
${codeRows()}

| reason | code | says |
| --- | --- | --- |
${reasonRows()}
`
}

const GENERAL = `Every procedure of the server as a REST operation. The same procedures are functions of the SDK, commands and MCP tools,
under the same rules.

## Logging in

Send \`Authorization: Bearer <token>\`: the \`accessToken\` of \`auth.login\`, or an API key of \`apiKeys.create\`. An API key
needs the scope that the operation names.

## Sending again

A mutation with an \`Idempotency-Key\` can be sent again without being carried out twice. What changes a thing that has a
\`version\` takes the \`ETag\` you saw as \`If-Match\`.

## Lists

\`limit\` rows, and \`pagination.nextCursor\` for the next ones: send it as \`cursor\`. With \`page\` instead, the answer has
\`total\`.

## Limits

\`RateLimit\` and \`RateLimit-Policy\` tell what is left. A 429 or 503 says in \`Retry-After\` how long to wait.`

function codeRows(): string {
  return allCodes()
    .map((code) => {
      const { status, retryable, message } = errorCodes[code]
      return `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${message} |`
    })
    .join('\n')
}

function reasonRows(): string {
  return allReasons()
    .map((reason) => `| \`${reason}\` | \`${errorReasons[reason].code}\` | ${errorReasons[reason].message} |`)
    .join('\n')
}
