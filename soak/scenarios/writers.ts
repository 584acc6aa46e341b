import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FSWatcher, mkdirSync, readdirSync, watch } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rig, Scenario } from '../scenario.ts'
import { type Change, Changes } from '../store-changes.ts'
import { Ledger } from '../store-ledger.ts'

/** Writers at once, at most. */
const crowd = 50
/** Of five writers so many are struck. */
const struckOfFive = 4

export const writers: Scenario = {
  name: 'writers',
  promise:
    'Up to 50 writers at once (`subscribe`, `subscribe --batch`, `unsubscribe`, `settings`, `tls-domain set`) are killed ' +
    '(`kill -9`), each at a random moment of its life or all in the middle of a write of one of them; one in ten is ' +
    'interrupted (SIGINT) instead. Exit code 0 means that the change is in the store, any other that it is not, and ' +
    'killed that it is there as a whole or not at all. Nothing else is ever missing, all can be read after each round, ' +
    'and no drafts pile up.',
  run: async (rig) => {
    const ledger = new Ledger()
    const plan = new Changes(rig.random)
    const counts = { rounds: 0, writers: 0, killed: 0, interrupted: 0, refused: 0, drafts: 0 }
    const wanted = rig.quick ? 60 : 1000
    // Milliseconds that a writer lives, as those of the round before did.
    let life = 1000
    mkdirSync(directoryOf(rig), { mode: 0o700 })
    while (counts.killed < wanted) {
      rig.progress(`${counts.killed} of ${wanted} writers killed`)
      const changes = ledger.distinct(
        Array.from({ length: rig.random.between(2, crowd) }, () => plan.next(ledger.present)),
      )
      using drafts = new Drafts(directoryOf(rig))
      const together = drafts.seen(rig.random.between(1, 2 * changes.length))
      const isTogether = rig.random.next() < 0.5
      const ends = await Promise.all(
        changes.map((change) => write(rig, change, isTogether ? together : sleep(rig.random.next() * life))),
      )
      life = Math.max(...ends.map(({ ms }) => ms))
      for (const [index, { code, signal, stderr }] of ends.entries()) {
        const change = changes[index] as Change
        if (signal === 'SIGKILL') counts.killed++
        if (code === 130) counts.interrupted++
        else if (code) counts.refused++
        ledger.note(change, code)
        if (code && code !== 130 && !/Nothing was changed/.test(stderr))
          ledger.complain(`${change.argv.join(' ')} ended with ${code}: ${stderr}`)
      }
      counts.rounds++
      counts.writers += changes.length
      counts.drafts = Math.max(counts.drafts, draftsIn(rig).length)
      ledger.compare(await readAll(rig))
    }
    for (const argv of [
      ['subscribe', 'E_LAST', 'rabbitmq:h/last'],
      ['settings', 'heartbeat', '1'],
      ['tls-domain', 'set', 'last'],
    ])
      await finished(start(rig, argv))
    for (const name of draftsIn(rig)) ledger.complain(`${name} is left in the directory.`)
    // A draft of evi's and one of conf's, in each of three stores, whatever the number of those that were killed.
    if (counts.drafts > 6) ledger.complain(`${counts.drafts} drafts were in the directory at once.`)
    return {
      events: ledger.made,
      faults: counts.killed + counts.interrupted,
      lost: ledger.lost,
      duplicated: 0,
      complaints: ledger.complaints,
      notes: [
        `${counts.writers} writers in ${counts.rounds} rounds: ${counts.killed} killed, ${ledger.survived} of them after ` +
          `the change was in the store; ${counts.interrupted} interrupted; ${counts.refused} gave up the lock after 10 s ` +
          `(exit code 75)`,
        `at most ${counts.drafts} drafts of killed writers at once, none after the next write`,
      ],
    }
  },
}

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  readonly ms: number
}

/** Runs a writer, which is struck at that moment if it is not over by then, or not at all. */
async function write(rig: Rig, { argv, input }: Change, moment: Promise<void>): Promise<End> {
  const isStruck = rig.random.between(1, 5) <= struckOfFive
  const signal = rig.random.between(1, 10) === 1 ? 'SIGINT' : 'SIGKILL'
  const child = start(rig, argv, input)
  if (isStruck) moment.then(() => child.kill(signal))
  return await finished(child)
}

/** Sees drafts come and go, which is when something is being written. */
class Drafts implements Disposable {
  readonly #watcher: FSWatcher

  constructor(directory: string) {
    this.#watcher = watch(directory)
  }

  /** Resolves when so many things have become of drafts. */
  seen(count: number): Promise<void> {
    let left = count
    return new Promise((resolve) => {
      this.#watcher.on('change', (_, name) => {
        if (String(name).includes('.draft.') && --left === 0) resolve()
      })
    })
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
  }
}

function start(
  { evi: [program, ...first], environment }: Rig,
  argv: readonly string[],
  input?: string,
): ChildProcess {
  const child = spawn(program, [...first, ...argv], { env: { PATH: process.env.PATH, ...environment } })
  child.stdin.on('error', () => {}).end(input)
  return child
}

async function finished(child: ChildProcess): Promise<End & { readonly stdout: string }> {
  const started = performance.now()
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const [code, signal] = await once(child, 'close')
  return { code, signal, ...said, ms: performance.now() - started }
}

/** What the stores hold, as evi reads them. @throws Error when it cannot */
async function readAll(rig: Rig): Promise<{ keys: Set<string>; heartbeat: number }> {
  const read = async (...argv: string[]) => {
    const { code, stdout } = await finished(start(rig, [...argv, '--json']))
    if (code !== 0) throw new Error(`evi ${argv.join(' ')} ended with ${code}: ${stdout}`)
    return JSON.parse(stdout)
  }
  const { subscriptions } = await read('list')
  const { domains } = await read('tls-domain', 'list')
  const { settings } = await read('settings', 'heartbeat')
  const names = (records: readonly Record<string, string>[], name: string) =>
    records.map((record) => String(record[name]))
  return {
    keys: new Set([...names(subscriptions, 'routingKey'), ...names(domains, 'name')]),
    heartbeat: settings[0].value,
  }
}

/** What writers that were killed left. */
function draftsIn(rig: Rig): readonly string[] {
  const known = /^(?:subscriptions|settings|tls-domains)\.(?:json|lock)$/
  return readdirSync(directoryOf(rig)).filter((name) => !known.test(name))
}

function directoryOf({ environment }: Rig): string {
  return String(environment.EVI_CONFIG_DIR)
}
