/**
 * Compiles the package into `dist`: JavaScript, and declarations whose imports name `.js` files as consumers need. The
 * command `plinth` is a program of its own, for Node alone, without declarations.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

rmSync(join(root, 'dist'), { recursive: true, force: true })
for (const project of ['tsconfig.build.json', 'tsconfig.build-cli.json'])
  execFileSync(process.execPath, [tsc, '--project', project], { cwd: root, stdio: 'inherit' })
chmodSync(join(root, 'dist/cli/main.js'), 0o755)
for (const file of globSync('dist/**/*.d.ts', { cwd: root })) {
  const path = join(root, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/(from\s+['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'))
}
