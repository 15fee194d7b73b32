#!/usr/bin/env node
import module from 'node:module'
import path from 'node:path'
import { cacheDirectory } from './config/directories.ts'
import { locksReleased } from './config/lock.ts'
import { processTerminal } from './process-terminal.ts'

// Half of the time a command takes is compiling; newer Nodes keep what they compiled.
module.enableCompileCache?.(path.join(cacheDirectory(process.env), 'compiled'))

const GRACE_MS = 2_000
const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2), processTerminal())
// A token that is being renewed has to be kept: the old one is used up.
await locksReleased()
setTimeout(() => process.exit(), GRACE_MS).unref()
