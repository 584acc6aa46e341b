import { type ChildProcessWithoutNullStreams, type StdioOptions, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { Home, Layout } from './node-files.ts'

/**
 * Both keep what they keep until their stdin ends, which also happens when evi is killed in a way it cannot catch. A
 * broker's keeper holds its home's stdin (3) open, so that the home goes last.
 */
const homeScript = `
trap '' PIPE
epmd -address "$ERL_EPMD_ADDRESS" -port "$ERL_EPMD_PORT" & epmd=$!
read -r word
kill $epmd
rm -rf "$1"
`
/** A throw-away broker needs no orderly shutdown, so it is killed: that takes no time. */
const brokerScript = `
trap '' PIPE
exec 4<&0
"$1" 3<&- 4<&- & broker=$!
{ read -r word; kill -9 $broker; } <&4 3<&- 4<&- & reader=$!
wait $broker
kill $reader
`

/** What is kept is gone once `ended` is fulfilled. */
export interface Keeper {
  readonly ended: Promise<void>
  /** What it wrote, without colours; the last 64 kB of it. */
  output(): string
  /** Ends it. */
  release(): Promise<void>
}

export interface HomeKeeper extends Keeper {
  readonly stdin: Writable
}

/** Keeps an epmd running, and at the end removes the home's directory with all that is in it. */
export function keepHome(home: Home): HomeKeeper {
  return keep([homeScript, home.directory], home, ['pipe', 'pipe', 'pipe'])
}

/** Keeps a broker running in its layout, whose files stay for the next start. */
export function keepBroker(layout: Layout, home: HomeKeeper): Keeper {
  return keep([brokerScript, join(layout.bin, 'rabbitmq-server')], layout, [
    'pipe',
    'pipe',
    'pipe',
    home.stdin,
  ])
}

/** Runs a keeper's script, out of reach of the terminal's Ctrl-C. */
function keep(
  [script, word]: [string, string],
  { directory, environment }: Home,
  stdio: StdioOptions,
): HomeKeeper {
  const shell = spawn('/bin/sh', ['-c', script, 'evi-sandbox', word], {
    cwd: directory,
    detached: true,
    env: environment,
    stdio,
  }) as ChildProcessWithoutNullStreams
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-65_536)
    })
  }
  // A shell that is gone already cannot be told anything.
  shell.stdin.on('error', () => {})
  // The pipes close when the last of the broker's own helpers is gone, too.
  const ended = new Promise<void>((resolve) =>
    shell.once('error', () => resolve()).once('close', () => resolve()),
  )
  return {
    ended,
    stdin: shell.stdin,
    output: () => stripVTControlCharacters(output),
    release: () => {
      shell.stdin.end()
      return ended
    },
  }
}
