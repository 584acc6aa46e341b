// What the demo and the tests need before they can begin: a build of the sources as they are, and a RabbitMQ.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EviError } from '#lib/errors.ts'
import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds when something is newer than the last build. Returns whether there is a build of the sources now. */
export function buildIfStale(): boolean {
  const sources = [
    'src',
    'package.json',
    'package-lock.json',
    'oclif.manifest.json',
    'scripts/build.mjs',
    'scripts/bundle',
  ]
  if (Math.max(...sources.map(newest)) < timeOf('dist/evi.cjs')) return true
  process.stderr.write('Building …\n')
  // A committed manifest that is out of date must stay so for its test to see.
  return runs(process.execPath, 'scripts/build.mjs', '--keep-manifest')
}

/** Installs RabbitMQ where there is none. Returns whether there is one now; when not, it has said so. */
export function ensureRabbitmq(): boolean {
  if (missingRabbitmq() && existsSync('/usr/bin/apt-get')) installRabbitmq()
  const missing = missingRabbitmq()
  if (missing)
    process.stderr.write(`${[missing.message, ...(missing.hint ?? '').split('\n')].join('\n  ')}\n`)
  return !missing
}

/** A RabbitMQ beside the machine's own: the directory for EVI_RABBITMQ_HOME, or why there is none. */
export type OtherRabbitmq = { readonly home: string } | { readonly reason: string }

/** Fetches a RabbitMQ of that version when it is missing, and shows what the script says of it while it says it. */
export async function getRabbitmq(version: string): Promise<OtherRabbitmq> {
  const child = spawn('sh', ['scripts/rabbitmq/get-rabbitmq.sh', version], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    process.stderr.write(text)
  })
  const [status] = await once(child, 'close')
  if (status === 0) return { home: stdout.trim() }
  return { reason: stderr.trimEnd().split('\n').at(-1) || `get-rabbitmq.sh ended with ${status}` }
}

/**
 * Has everything that starts a RabbitMQ take one of that version, which is fetched when it is missing. Returns whether it
 * is there.
 */
export async function useRabbitmq(version: string): Promise<boolean> {
  const found = await getRabbitmq(version)
  // Where it is missing, no other one is to be tested instead.
  process.env.EVI_RABBITMQ_HOME = 'home' in found ? found.home : join(root, 'build/rabbitmq', version)
  return 'home' in found
}

/** Runs a command in the root, on this terminal. Returns whether it succeeded. */
export function runs(command: string, ...words: string[]): boolean {
  return spawnSync(command, words, { cwd: root, stdio: 'inherit' }).status === 0
}

function installRabbitmq(): void {
  const started = performance.now()
  if (!runsAsRoot('scripts/rabbitmq/install-rabbitmq.sh')) return
  process.stderr.write(`RabbitMQ is there after ${((performance.now() - started) / 1000).toFixed(1)} s.\n`)
}

/** Runs a shell script of the project as root, when that is possible. Returns whether it succeeded. */
export function runsAsRoot(script: string): boolean {
  if (process.getuid?.() === 0) return runs('sh', script)
  // Without a terminal no password can be typed.
  return process.stdin.isTTY ? runs('sudo', 'sh', script) : runs('sudo', '-n', 'sh', script)
}

function missingRabbitmq(): EviError | undefined {
  try {
    findServer(serverDirectories(process.env.PATH))
    return undefined
  } catch (error) {
    if (error instanceof EviError) return error
    throw error
  }
}

/** The time of the newest file in a directory, and of the directories, which show that files are gone. */
function newest(path: string): number {
  if (!statSync(join(root, path)).isDirectory()) return timeOf(path)
  return Math.max(timeOf(path), ...readdirSync(join(root, path)).map((name) => newest(join(path, name))))
}

function timeOf(path: string): number {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}
