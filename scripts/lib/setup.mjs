import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './paths.mjs'
import { capture } from './processes.mjs'
import { LauncherError, step } from './report.mjs'
import { whenChanged } from './stamp.mjs'
import { ensureToolchain } from './toolchain.mjs'

/**
 * Prisma downloads its schema engine before it looks whether the command needs one; `generate` does not, and any
 * program in its place will do. It must not ask its makers for news either.
 */
const PRISMA_OFFLINE = {
  PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
}

const MANIFESTS = ['package.json', 'server/package.json', 'client-sdk/package.json', 'tests/package.json']

/**
 * Brings a working copy to the point where every command can run: Node, pnpm, dependencies, database client.
 * Does only what is missing or out of date; on a ready copy it reads a few files.
 *
 * @returns {Promise<import('./toolchain.mjs').Toolchain>}
 */
export async function prepare() {
  const tools = await ensureToolchain()
  await ensureDependencies(tools)
  await ensureDatabaseClient(tools)
  return tools
}

/** @param {import('./toolchain.mjs').Toolchain} tools */
function ensureDependencies({ pnpm, env }) {
  const args = ['install', '--frozen-lockfile', '--prod=false', '--config.confirm-modules-purge=false']
  return whenChanged({
    stamp: 'node_modules/.plinth-installed',
    inputs: ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...MANIFESTS],
    salt: `${process.platform}-${process.arch}`,
    work: () =>
      step('Dependencies', async () => {
        const { ok, output } = await capture(pnpm, args, { env })
        if (ok) return
        throw new LauncherError('Installing the locked dependencies failed.', {
          next: 'The lines above say why. After changing a package.json, run `npm run pnpm -- install` to renew the lockfile.',
          output,
        })
      }),
  })
}

/** @param {import('./toolchain.mjs').Toolchain} tools */
async function ensureDatabaseClient({ node, env }) {
  const folder = 'prisma/schema'
  if (!existsSync(join(ROOT, folder))) return
  const schema = (await readdir(join(ROOT, folder))).filter((name) => name.endsWith('.prisma')).sort()
  await whenChanged({
    stamp: 'server/generated/.plinth-generated',
    inputs: [
      'node_modules/prisma/package.json',
      'prisma.config.ts',
      ...schema.map((name) => `${folder}/${name}`),
    ],
    work: () =>
      step('Database client', async () => {
        const { ok, output } = await capture(node, ['node_modules/prisma/build/index.js', 'generate'], {
          env: { ...env, ...PRISMA_OFFLINE },
        })
        if (ok) return
        throw new LauncherError('Generating the database client failed.', {
          next: 'Correct the schema in prisma/schema, then run the same command again.',
          output,
        })
      }),
  })
}
