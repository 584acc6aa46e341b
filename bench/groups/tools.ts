import { join } from 'node:path'
import { isInstalled, timeOf } from '../../scripts/program.ts'
import { event, notification, writeNotifications } from '../notifications.ts'
import { openQueue } from '../queue.ts'
import type { Group } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import type { Row } from '../row.ts'

/** What a shell script could use instead. */
export const tools: Group = {
  name: 'tools',
  method:
    'Whole commands, against `amqp-publish` of librabbitmq, which waits for no confirm and does not learn of a missing ' +
    'queue. For comparison, without a target.',
  measure: async (rig) => {
    const count = rig.quick ? 100_000 : 300_000
    const lines = `${count.toLocaleString('en')} lines`
    const rows = {
      one: { what: '`evi raise --sync`, one event', against: '`amqp-publish`', target: null, unit: 'ms' },
      batch: { what: `\`evi raise -\`, ${lines}`, against: '`amqp-publish -l`', target: null, unit: 'ms' },
    } as const satisfies Record<string, Partial<Row>>
    if (!isInstalled('amqp-publish')) {
      const nothing = {
        measured: [],
        reference: [],
        missing: '`amqp-publish` is not installed (amqp-tools).',
      }
      return [
        { ...rows.one, ...nothing },
        { ...rows.batch, ...nothing },
      ]
    }
    await using queue = await openQueue(rig)
    const { evi, environment } = rig
    const input = join(rig.directory, 'notifications')
    writeNotifications(input, count)
    const { host, port } = rig.broker
    const amqpPublish = ['amqp-publish', '--url', `amqp://guest:guest@${host}:${port}`, '-r', queue.name]
    const one = await inTurn(rig.quick ? 11 : 41, {
      evi: () => timeOf([...evi, 'raise', event, '--sync', '--param', 'ip=192.168.2.11'], { environment }),
      amqpPublish: () => timeOf([...amqpPublish, '-b', notification]),
    })
    const batch = await inTurn(rig.quick ? 3 : 7, {
      evi: async () => {
        const ms = await timeOf([...evi, 'raise', '-', '--no-sync'], { input, environment })
        await queue.empty()
        return ms
      },
      amqpPublish: async () => {
        const ms = await timeOf([...amqpPublish, '-l'], { input })
        await queue.empty()
        return ms
      },
    })
    return [
      { ...rows.one, measured: one.evi, reference: one.amqpPublish },
      { ...rows.batch, measured: batch.evi, reference: batch.amqpPublish },
    ]
  },
}
