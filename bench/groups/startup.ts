import { join } from 'node:path'
import { timeOf } from '../../scripts/program.ts'
import { event } from '../notifications.ts'
import { openQueue } from '../queue.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import type { Row } from '../row.ts'

/** What a shell script pays at every call. */
export const startup: Group = {
  name: 'startup',
  method:
    'Whole commands, from the start of the process to its end, against `node -e 0` of the same Node.js; the code cache is ' +
    'there, as from the second use of a command on.',
  measure: async (rig) => {
    await using _queue = await openQueue(rig)
    const { evi, executable, environment } = rig
    const raise = ['raise', event, '--sync', '--param', 'ip=192.168.2.11']
    const ten = { ...environment, EVI_CONFIG_DIR: await storeOfTen(rig) }
    const run = (words: readonly string[], of = environment) => timeOf(words, { environment: of })
    const times = await inTurn(rig.quick ? 15 : 41, {
      node: () => run([process.execPath, '-e', '0']),
      raise: () => run([...evi, ...raise]),
      version: () => run([...evi, '--version']),
      list: () => run([...evi, 'list'], ten),
      executable: () => (executable ? run([executable, ...raise]) : Promise.resolve(0)),
    })
    const row = (what: string, atMost: number, measured: readonly number[]): Row => ({
      what,
      against: '`node -e 0`',
      target: { atMost },
      unit: 'ms',
      measured,
      reference: times.node,
    })
    const single = row('one `evi raise --sync`, single executable', 1.1, executable ? times.executable : [])
    return [
      row('one `evi raise --sync`, package', 1.9, times.raise),
      executable ? single : { ...single, missing: 'There is no executable. Make it: npm run package' },
      row('`evi --version`', 1.6, times.version),
      row('`evi list`, 10 subscriptions', 1.6, times.list),
    ]
  },
}

/** @returns a configuration directory with ten subscriptions */
async function storeOfTen({ evi, directory, environment }: Rig): Promise<string> {
  const configDirectory = join(directory, 'ten')
  const of = { ...environment, EVI_CONFIG_DIR: configDirectory }
  for (let index = 0; index < 10; index++) {
    await timeOf([...evi, 'subscribe', `E_${index}`, 'rabbitmq:127.0.0.1/q'], { environment: of })
  }
  return configDirectory
}
