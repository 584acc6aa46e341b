import type { Broker, Timing } from '#lib/broker/broker.ts'
import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ClientConnection } from '#lib/management/management.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { OpenSipsStep } from './opensips-step.ts'

/** What librabbitmq, which OpenSIPS uses, calls itself. */
const product = 'rabbitmq-c'

export interface ChannelLook {
  readonly broker: Broker
  readonly timing: Timing
  readonly findManagement: ManagementFinder | undefined
}

/** Looks at the channels of OpenSIPS, once for all sockets that share a connection. */
export function channelSteps(look: ChannelLook): (socket: Socket) => Promise<OpenSipsStep> {
  const steps = new Map<string, Promise<OpenSipsStep>>()
  return async (socket) => {
    const key = connectionKeyOf(socket)
    const step = steps.get(key) ?? channelStep(socket, look)
    steps.set(key, step)
    return await step
  }
}

/**
 * Whether OpenSIPS is deaf there: the broker has closed its channel, as after a publish to a missing exchange, or its
 * connection, and OpenSIPS does not notice. Only the management API shows it.
 */
async function channelStep(socket: Socket, look: ChannelLook): Promise<OpenSipsStep> {
  const { findManagement, broker, timing } = look
  const notGiven = () =>
    unseen('Only the management API shows it.', 'Give it: --management http://HOST:15672')
  if (findManagement === undefined) return notGiven()
  try {
    const connection = await broker.connect(socket, timing)
    try {
      const management = await findManagement(socket, connection)
      if (management === undefined)
        return findManagement.isGuess
          ? notGiven()
          : unseen('No management API that was given speaks for this broker.')
      const clients = await management.connections(socket.vhost)
      return judge(
        clients.filter((one) => one.product === product && one.user === socket.user),
        socket,
      )
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return unseen(error.message, error.hint)
  }
}

function judge(clients: readonly ClientConnection[], { user }: Socket): OpenSipsStep {
  const deaf = clients.filter(({ hasClosingChannel }) => hasClosingChannel)
  const [first] = deaf
  if (first !== undefined) {
    const names = deaf.map(({ name }) => name).join(', ')
    return {
      step: 'channel',
      status: 'failed',
      found: '',
      code: 'no-exchange',
      reason: `The broker has closed a channel of a ${product} client, and the client does not notice (connection ${names}, user ${user}). If that is OpenSIPS, it is deaf: it loses every event that it sends there, until the connection is cut.`,
      hint: `Cut it, where the broker runs; within half a minute the broker lets it go, and OpenSIPS loses one more event and connects again: ${cut(first.name)}`,
    }
  }
  const closed = clients.filter(({ isClosed }) => isClosed)
  if (closed.length > 0) {
    const names = closed.map(({ name }) => name).join(', ')
    return {
      step: 'channel',
      status: 'failed',
      found: '',
      code: 'timeout',
      reason: `The broker has closed a connection of a ${product} client, and waits for the client to let go of it, for up to half a minute (connection ${names}, user ${user}). If that is OpenSIPS, it loses every event that it sends there until then, and one more.`,
      hint: 'Wait half a minute, and try again.',
    }
  }
  if (clients.length === 0)
    return unseen(
      `The user ${user} has no connection of a ${product} client: OpenSIPS makes one at its first event.`,
      'Let it raise one: evi raise EVENT --opensips URL',
    )
  const many = clients.length === 1 ? 'connection' : 'connections'
  return {
    step: 'channel',
    status: 'passed',
    found: `${clients.length} ${many} of ${product}, no channel closed`,
  }
}

/** Closes a connection by its name; `close_connection` wants its process. */
function cut(name: string): string {
  const pick = `$2 == ${JSON.stringify(name)} {print $1}`
  return `rabbitmqctl close_connection "$(rabbitmqctl -q list_connections pid name | awk -F '\\t' ${shellWord(pick)})" deaf`
}

function unseen(reason: string, hint?: string): OpenSipsStep {
  return { step: 'channel', status: 'unknown', found: '', reason, hint }
}
