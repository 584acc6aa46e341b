import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import type { Layout } from './layout.ts'

/**
 * Keeps a broker until its stdin ends, which also happens when evi is killed in a way it cannot catch; then removes
 * every trace. A throw-away broker needs no orderly shutdown, so it is killed: that takes no time.
 */
const script = `
trap '' PIPE
server=$1 directory=$2
exec 3<&0
epmd -address "$ERL_EPMD_ADDRESS" -port "$ERL_EPMD_PORT" 3<&- & epmd=$!
"$server" 3<&- & broker=$!
{ read -r word; kill -9 $broker; } <&3 & reader=$!
wait $broker
kill $epmd $reader
rm -rf "$directory"
`

/** A running broker that is gone, with its directory, once `ended` is fulfilled. */
export interface Keeper {
  readonly ended: Promise<void>
  /** What the broker wrote, without colours; the last 64 kB of it. */
  output(): string
  /** Ends the broker. */
  release(): Promise<void>
}

/** Starts a broker in its layout, out of reach of the terminal's Ctrl-C. */
export function keepBroker(server: string, { directory, environment }: Layout): Keeper {
  const shell = spawn('/bin/sh', ['-c', script, 'evi-sandbox', server, directory], {
    cwd: directory,
    detached: true,
    env: environment,
    stdio: 'pipe',
  })
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
    output: () => stripVTControlCharacters(output),
    release: () => {
      shell.stdin.end()
      return ended
    },
  }
}
