import type { ClientWarning } from '../../contract-notice.ts'
import type { Cli } from '../cli.ts'
import { updateWith } from '../contract/update-with.ts'

/**
 * Passes on that this command is older than the server serves in full, once per contract of the server. That the server is
 * the older one is not told: the commands are those of its contract, so nothing is missing.
 */
export function tellOutdated(cli: Cli): (warning: ClientWarning) => void {
  return ({ code, serverVersion }) => {
    if (code !== 'CLIENT_OUTDATED') return
    const notice = `This command (${cli.version}) is older than the server (${serverVersion}) serves in full: what it shows or sends may not fit.${updateWith(serverVersion)}`
    // Nothing is lost when it cannot be told.
    void cli
      .contract()
      .then((source) => source.tellOnce(notice))
      .catch(() => undefined)
  }
}
