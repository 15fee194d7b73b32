import { existsSync, readdirSync, statSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { ROOT, TOOLS } from './paths.mjs'
import { NODE_MAJOR, NODE_PINS, PNPM_PINS } from './pins.mjs'
import { capture } from './processes.mjs'
import { LauncherError, step } from './report.mjs'

const DRAFT_LIMIT_MS = 60 * 60 * 1000

/** @typedef {{ node: string, pnpm: string, env: NodeJS.ProcessEnv }} Toolchain */

/**
 * Finds or fetches the two tools everything else needs. The running Node is used when it is new enough.
 *
 * @returns {Promise<Toolchain>} paths of both programs, and an environment that finds them first
 */
export async function ensureToolchain() {
  const platform = `${process.platform}-${process.arch}`
  const [node, pnpm] = await Promise.all([ensureNode(platform), ensurePnpm(platform + muslSuffix())])
  const path = [dirname(node), dirname(pnpm), join(ROOT, 'node_modules', '.bin'), searchPath()].join(
    delimiter,
  )
  return { node, pnpm, env: withPath(path) }
}

/** @param {string} platform */
async function ensureNode(platform) {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath
  const pin = muslSuffix() === '' ? NODE_PINS[platform] : undefined
  if (pin === undefined) {
    throw new LauncherError(
      `Node ${process.versions.node} is too old and no newer one can be fetched for ${platform}.`,
      {
        next: `Install Node ${NODE_MAJOR} or newer yourself, then run the same command again.`,
      },
    )
  }
  return ensureTool('Node', pin)
}

/** @param {string} platform */
function ensurePnpm(platform) {
  const pin = PNPM_PINS[platform]
  if (pin !== undefined) return ensureTool('pnpm', pin)
  throw new LauncherError(`There is no pnpm for ${platform}.`, {
    next: 'Use Linux, macOS or Windows on x64 or arm64.',
  })
}

/**
 * @param {string} title
 * @param {import('./pins.mjs').Pin} pin
 * @returns {Promise<string>} the program's path
 */
async function ensureTool(title, pin) {
  const home = join(TOOLS, `${pin.name.replace(/[@/]+/g, '-').replace(/^-/, '')}-${pin.version}`)
  const program = join(home, 'node_modules', pin.name, pin.file)
  if (!existsSync(program)) await step(`${title} ${pin.version}`, () => fetchTool(title, pin, home))
  return program
}

/**
 * Fetches into a folder of its own and moves it into place when it runs, so that neither an interrupted nor a
 * parallel start leaves half a tool behind.
 *
 * @param {string} title
 * @param {import('./pins.mjs').Pin} pin
 * @param {string} home
 */
async function fetchTool(title, pin, home) {
  await mkdir(TOOLS, { recursive: true })
  await removeOldDrafts()
  const draft = await mkdtemp(join(TOOLS, 'fetch-'))
  try {
    await writeManifests(draft, pin)
    const { ok, output } = await npm(
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      draft,
    )
    const program = join(draft, 'node_modules', pin.name, pin.file)
    if (!ok || !existsSync(program)) throw fetchError(title, pin, output)
    await chmod(program, 0o755)
    const trial = await capture(program, ['--version'], { cwd: draft })
    if (!trial.ok) throw fetchError(title, pin, trial.output)
    await moveIntoPlace(draft, home)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** A start that was killed leaves its folder behind; no fetch takes an hour. */
async function removeOldDrafts() {
  for (const name of readdirSync(TOOLS).filter((entry) => entry.startsWith('fetch-'))) {
    const folder = join(TOOLS, name)
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > DRAFT_LIMIT_MS) await rm(folder, { recursive: true, force: true })
  }
}

/**
 * npm takes the hash from the lockfile and refuses an archive that does not match it. A lockfile without the
 * registry's address works with whichever registry npm is set up for.
 *
 * @param {string} folder
 * @param {import('./pins.mjs').Pin} pin
 */
async function writeManifests(folder, { name, version, integrity }) {
  const manifest = {
    name: 'plinth-tools',
    version: '0.0.0',
    private: true,
    dependencies: { [name]: version },
  }
  const locked = integrity === undefined ? { version } : { version, integrity }
  const packages = { '': manifest, [`node_modules/${name}`]: locked }
  const lock = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages,
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock))
}

/**
 * Runs the npm that started us, or the one on the path.
 *
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  const script = process.env.npm_execpath ?? ''
  const all = [...args, '--prefix', cwd]
  // `npm start -w server` and the like must not reach the fetch, which is about one folder only.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^npm_config_(workspace|include|omit|prefix|local_prefix|global)/i.test(key),
    ),
  )
  if (/npm-cli\.c?js$/.test(script)) return capture(process.execPath, [script, ...all], { cwd, env })
  const windows = process.platform === 'win32'
  return capture(windows ? 'npm.cmd' : 'npm', all, { cwd, env, shell: windows })
}

/**
 * @param {string} draft
 * @param {string} home
 */
async function moveIntoPlace(draft, home) {
  try {
    await rename(draft, home)
  } catch (error) {
    // A parallel start was faster; its copy passed the same checks.
    if (!existsSync(home) || readdirSync(home).length === 0) throw error
  }
}

/**
 * @param {string} title
 * @param {import('./pins.mjs').Pin} pin
 * @param {string} output
 */
function fetchError(title, pin, output) {
  return new LauncherError(
    `${title} ${pin.version} could not be fetched (${pin.name} from the npm registry).`,
    {
      next: 'Check that `npm ping` works (proxy and cafile are taken from your npm configuration), then try again.',
      output,
    },
  )
}

/** @returns {string} `-musl` on a Linux without glibc, else nothing */
function muslSuffix() {
  if (process.platform !== 'linux') return ''
  /** @type {{ header?: { glibcVersionRuntime?: string } }} */
  const report = Object(process.report.getReport())
  return report.header?.glibcVersionRuntime === undefined ? '-musl' : ''
}

function searchPath() {
  return process.env.PATH ?? process.env.Path ?? ''
}

/** @param {string} path */
function withPath(path) {
  const others = Object.entries(process.env).filter(([key]) => key.toUpperCase() !== 'PATH')
  return { ...Object.fromEntries(others), PATH: path }
}
