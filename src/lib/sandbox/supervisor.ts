import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { memberVariable } from './members.ts'
import type { Home, Layout } from './node-files.ts'

/** Milliseconds that a supervisor has for its order, and that its process group has to end after it was killed. */
const orderGrace = 5000
const groupGrace = 1000
const pause = 20

/**
 * A supervisor waits for a line on its stdin: the order to end what it supervises. When stdin ends without a line, evi
 * was killed; each supervisor then ends the whole sandbox, as the other may have been killed, too.
 */
const common = `
trap '' PIPE
end_sandbox() {
  trap '' TERM
  for attempt in 1 2 3 4 5 6 7 8 9; do
    members=$(grep -lsF "${memberVariable}=$id" /proc/[0-9]*/environ | cut -d / -f 3)
    [ -n "$members" ] || break
    kill -9 $members
    sleep 0.1
  done 2>/dev/null
  rm -rf "$home"
}
as_member() { exec env "${memberVariable}=$id" "$@"; }
id=$1 home=$2
`
const homeScript = `${common}
(
  as_member epmd -address "$ERL_EPMD_ADDRESS" -port "$ERL_EPMD_PORT" & epmd=$!
  trap 'kill -9 $epmd; exit' TERM
  wait $epmd
  echo "epmd ended: its port $ERL_EPMD_PORT may be in use"
) & guard=$!
read -r order || end_sandbox
kill $guard 2>/dev/null
rm -rf "$home"
`
/**
 * A throw-away broker needs no orderly shutdown, so it is killed: that takes no time. With fewer than about 200 files
 * RabbitMQ starts, but lets no client in.
 */
const nodeScript = `${common}
limit=$(ulimit -n)
if [ "$limit" != unlimited ] && [ "$limit" -lt 1024 ]; then
  ulimit -n 1024 2>/dev/null || ulimit -n "$(ulimit -H -n)"
  if [ "$(ulimit -n)" -lt 256 ]; then echo "open files: $(ulimit -n) (ulimit -n); RabbitMQ needs 256"; exit 1; fi
fi
exec 4<&0
as_member "$3" 4<&- & node=$!
{ read -r order || end_sandbox; kill -9 $node 2>/dev/null; } <&4 4<&- & reader=$!
wait $node
kill $reader 2>/dev/null
`

/** A shell, out of reach of the terminal's Ctrl-C. Whatever it started is gone once `ended` is fulfilled. */
export interface Supervisor {
  readonly ended: Promise<void>
  /** What it and its processes wrote, without colours; the last 64 kB of it. */
  output(): string
  /** Ends the supervisor and what it supervises. */
  release(): Promise<void>
}

/** Keeps an epmd running; at the end the home's directory is removed with all that is in it. */
export function superviseHome(home: Home): Supervisor {
  return supervise(homeScript, home, [basename(home.directory), home.directory])
}

/** Keeps a broker running in its layout, whose files stay for the next start. */
export function superviseNode(layout: Layout, home: Home): Supervisor {
  const server = join(layout.bin, 'rabbitmq-server')
  return supervise(nodeScript, layout, [basename(home.directory), home.directory, server])
}

function supervise(script: string, { directory, environment }: Home, argv: readonly string[]): Supervisor {
  const shell = spawn('/bin/sh', ['-c', script, 'evi-sandbox', ...argv], {
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
  // A shell that has ended reads no order.
  shell.stdin.on('error', () => {})
  const ended = endOf(shell).then((reason) => {
    output += reason
  })
  return {
    ended,
    output: () => stripVTControlCharacters(output),
    release: async () => {
      shell.stdin.end('end\n')
      const late = setTimeout(() => killGroup(shell.pid), orderGrace)
      await ended
      clearTimeout(late)
    },
  }
}

/** Waits for the shell's end, and ends what it left behind. Returns a line with the reason if it was killed or never ran. */
async function endOf(shell: ChildProcessWithoutNullStreams): Promise<string> {
  const closed = new Promise<void>((resolve) => shell.once('close', () => resolve()))
  try {
    const [, signal] = await once(shell, 'exit')
    await endGroup(shell.pid)
    // Another process may have inherited the pipes and keep them open.
    await Promise.race([closed, sleep(groupGrace, undefined, { ref: false })])
    return signal === null ? '' : `The supervisor of the sandbox was ended by ${signal}.\n`
  } catch (error) {
    return `The supervisor of the sandbox could not be started: ${error}.\n`
  } finally {
    for (const stream of shell.stdio) stream?.destroy()
  }
}

/** Kills a process group and waits until it is gone, or only zombies are left that no parent collects. */
async function endGroup(leader: number | undefined): Promise<void> {
  for (let waited = 0; killGroup(leader) && waited < groupGrace; waited += pause) await sleep(pause)
}

/** Returns whether there was a process to kill. */
function killGroup(leader: number | undefined): boolean {
  try {
    return leader !== undefined && process.kill(-leader, 'SIGKILL')
  } catch {
    return false
  }
}
