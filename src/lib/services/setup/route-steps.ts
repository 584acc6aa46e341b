import type { BrokerConnection, Finding, QueueFinding } from '#lib/broker/broker.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { findEvents } from '#lib/domain/event/opensips-events.ts'
import type { Exchange } from '#lib/domain/routing/route.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { readExpire } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { withConnection } from './login.ts'
import { type Back, back, type Choice, type Draft, type SetupPorts } from './ports.ts'

/** The exchange, picked from a list where the management API gives one. */
export async function chooseExchange(draft: Draft, ports: SetupPorts): Promise<Draft | Back> {
  const exchanges = await listExchanges(draft, ports)
  let finding: Finding | undefined
  const accept = async (exchange: string) => {
    const next = { ...draft, socket: { ...draft.socket, exchange } }
    checkSocket(next.socket)
    finding = exchange === '' ? undefined : await findExchange(next, ports)
    return next
  }
  const question = { message: 'Exchange', default: draft.socket.exchange, accept }
  const next = await (exchanges === undefined
    ? ports.questions.enter({ ...question, hint: 'the default one' })
    : ports.questions.choose({ ...question, choices: exchangeChoices(exchanges) }))
  if (finding?.found === 'hidden')
    ports.questions.say('note', `Whether it exists is not for this user to know: ${finding.reason}.`)
  return next
}

/** The routing key, with what is behind it; that the user may publish there is tried without publishing. */
export async function enterRoutingKey(draft: Draft, ports: SetupPorts): Promise<Draft | Back> {
  const toQueue = draft.socket.exchange === ''
  const next = await ports.questions.enter({
    message: toQueue ? 'Queue (its name is the routing key)' : 'Routing key',
    default: draft.socket.routingKey,
    accept: async (routingKey) => {
      if (toQueue && routingKey === '')
        throw new EviError('usage', 'The default exchange needs the name of a queue.')
      const socket = { ...draft.socket, routingKey }
      checkSocket(socket)
      return await withConnection({ ...draft, socket }, ports, async (connection) => {
        const rehearsal = await connection.rehearse(socket)
        if ('code' in rehearsal)
          throw new EviError(rehearsal.code, rehearsal.reason, { hint: rehearsal.hint })
        return { ...draft, socket, queue: toQueue ? await connection.findQueue(routingKey) : undefined }
      })
    },
  })
  if (next !== back && next.queue)
    ports.questions.say('note', describeQueue(next.socket.routingKey, next.queue))
  return next
}

/** The event, one that OpenSIPS knows or any other. */
export async function chooseEvent(draft: Draft, { questions }: SetupPorts): Promise<Draft | Back> {
  return await questions.search({
    message: 'Event',
    find: (words) => {
      const known = findEvents(words).map(({ name, module, meaning }) => ({
        name,
        answer: name,
        about: `${module}: ${meaning}`,
      }))
      const own = { name: words, answer: words, about: 'an event of your own' }
      return words === '' || known.some(({ name }) => name === words) ? known : [...known, own]
    },
    accept: async (event) => ({ ...draft, event: checkEventName(event) }),
  })
}

const forEver = 'never'

/** How long the subscription shall live; that of a sandbox ends with it. */
export async function enterExpire(draft: Draft, { questions }: SetupPorts): Promise<Draft | Back> {
  if (draft.place === 'sandbox') return draft
  return await questions.enter({
    message: 'Seconds until it expires',
    default: String(draft.expire ?? forEver),
    accept: async (text) => ({ ...draft, expire: text === forEver ? null : readExpire('The answer', text) }),
  })
}

function exchangeChoices(exchanges: readonly Exchange[]): readonly Choice<string>[] {
  const about = 'delivers to the queue that the routing key names'
  return [
    { name: 'the default one', answer: '', about },
    ...exchanges.map(({ name, type }) => ({ name, answer: name, about: type })),
  ]
}

/** Milliseconds for an answer where the management API was only guessed to be. */
const patience = 500

/** The exchanges, if the management API tells them; over an AMQP connection in clear only is it guessed where that is. */
async function listExchanges(
  { socket }: Draft,
  { management, managementUrl: given, questions, timing }: SetupPorts,
): Promise<readonly Exchange[] | undefined> {
  const usual = { ...socket.hosts[0], port: 15672 }
  const url = given ?? (socket.tlsDomain === null ? new URL(`http://${printAddress(usual)}`) : undefined)
  if (url === undefined) return undefined
  try {
    const api = await management(url, socket, given ? timing.replyTimeout : patience)
    return await api.exchanges(socket.vhost)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    if (given) questions.say('note', error.message)
    return undefined
  }
}

async function findExchange(draft: Draft, ports: SetupPorts): Promise<Finding> {
  const { exchange, vhost } = draft.socket
  const find = async (connection: BrokerConnection) => await connection.findExchange(exchange)
  const finding = await withConnection(draft, ports, find)
  if (finding.found) return finding
  throw new EviError('no-exchange', `There is no exchange "${exchange}" in the vhost "${vhost}".`, {
    hint: `Those there are: rabbitmqctl list_exchanges -p ${shellWord(vhost)}`,
  })
}

/** What no socket can hold is refused before the broker is asked. @throws EviError `usage` */
function checkSocket(socket: Socket): void {
  parseSocket(printSocket(socket))
}

function describeQueue(name: string, queue: QueueFinding): string {
  switch (queue.found) {
    case true:
      return `The queue "${name}" has ${queue.messages} messages and ${queue.consumers} consumers.`
    case false:
      return `There is no queue "${name}" yet; evi stands in for it in the test. Esc takes another.`
    case 'exclusive':
      return `The queue "${name}" is exclusive to another connection.`
    case 'hidden':
      return `Whether there is a queue "${name}" is not for this user to know: ${queue.reason}.`
  }
}
