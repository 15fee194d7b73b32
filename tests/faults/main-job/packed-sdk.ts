import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { packSdk, run } from '../../support/packed-sdk.ts'

/** Packs `@plinth/client`, installs it in `folder` as a user would, and returns the file a program imports. */
export async function installPackedSdk(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await packSdk(path.join(folder, 'client.tgz'))
  const manifest = { private: true, type: 'module', dependencies: { '@plinth/client': 'file:./client.tgz' } }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  return path.join(folder, 'node_modules/@plinth/client/dist/index.js')
}
