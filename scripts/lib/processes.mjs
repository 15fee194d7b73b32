import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ROOT } from './paths.mjs'

/** npm hands Ctrl-C on although the terminal has sent it too; a second one inside this time is the same key press. */
const SAME_KEY_PRESS_MS = 1000

/** How often to look whether the npm that started us is still there. */
const PARENT_POLL_MS = 500

/** A tool that is silent about its own death still ends within this time. */
const CAPTURE_LIMIT_MS = 10 * 60 * 1000

/**
 * Runs a command to its end without a terminal and keeps what it prints.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<{ ok: boolean, output: string, stdout: string }>} `output` is both streams in order; a command
 * that cannot start or takes longer than ten minutes counts as failed
 */
export function capture(command, args, { cwd = ROOT, env = process.env, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CAPTURE_LIMIT_MS,
    })
    let output = ''
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
    })
    child.once('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}`, stdout }))
    child.once('close', (code, signal) => {
      if (signal !== null) output += `\n${command} was ended by ${signal}`
      resolve({ ok: code === 0, output, stdout })
    })
  })
}

/**
 * Runs a command in this terminal until it ends, and hands it every request to stop exactly once.
 *
 * The child gets its own process group: otherwise the terminal, npm and this process would each deliver the same
 * Ctrl-C, and a server that takes the second one as "now" would not drain.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} the child's exit code, or 128 + the signal's number
 */
export function runInForeground(command, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const ownGroup = process.platform !== 'win32'
    const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit', detached: ownGroup })
    let lastSignalAt = Number.NEGATIVE_INFINITY
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      const now = performance.now()
      const repeated = now - lastSignalAt < SAME_KEY_PRESS_MS
      if (repeated || !ownGroup) return
      lastSignalAt = now
      // A closed terminal asks for the same orderly stop; most programs know only these two.
      child.kill(signal === 'SIGINT' ? signal : 'SIGTERM')
    }
    const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
    for (const signal of forwarded) process.on(signal, forward)
    const stopWatching = watchParent(() => forward('SIGTERM'))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      stopWatching()
      for (const name of forwarded) process.off(name, forward)
      resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0))
    })
  })
}

/**
 * npm ends its shell but not what runs in it when it is told to terminate; this notices from below.
 *
 * @param {() => void} onGone
 * @returns {() => void} stops watching
 */
function watchParent(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return () => {}
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, PARENT_POLL_MS)
  return () => clearInterval(timer)
}
