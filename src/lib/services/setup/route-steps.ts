import type { QueueLookup } from '#lib/broker/broker.ts'
import { findEvents } from '#lib/domain/event/catalogue.ts'
import { doubtsAbout } from '#lib/domain/event/doubts.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { readExpire } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { withConnection } from './login.ts'
import { back, type Step } from './ports.ts'

/** The routing key, with what is behind it; that the user may publish there is tried without publishing. */
export const enterRoutingKey: Step = {
  applies: () => true,
  async ask(draft, ports) {
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
            throw new EviError(rehearsal.code, rehearsal.message, { hint: rehearsal.hint })
          return { ...draft, socket, queue: toQueue ? await connection.findQueue(routingKey) : undefined }
        })
      },
    })
    if (next !== back && next.queue)
      ports.questions.say('note', describeQueue(next.socket.routingKey, next.queue, ports.questions.backKey))
    return next
  },
}

/** The event, one that OpenSIPS knows or any other. */
export const chooseEvent: Step = {
  applies: () => true,
  async ask(draft, { questions }) {
    const next = await questions.search({
      message: 'Event',
      find: (text) => {
        const known = findEvents(text).map(({ name, module, when }) => ({
          name,
          answer: name,
          about: `${module}: ${when}`,
        }))
        const own = { name: text, answer: text, about: 'an event of your own' }
        return text === '' || known.some(({ name }) => name === text) ? known : [...known, own]
      },
      accept: async (event) => ({ ...draft, event: checkEventName(event) }),
    })
    if (next === back) return back
    const [doubt] = await doubtsAbout(next.event, [])
    if (doubt?.kind === 'event')
      questions.say(
        'note',
        `OpenSIPS itself has no event ${doubt.name}. Did you mean ${doubt.nearest}? ${questions.backKey} takes another.`,
      )
    return next
  },
}

const forEver = 'never'

/** How long the subscription lives; that of a sandbox ends with it. */
export const enterExpire: Step = {
  applies: ({ place }) => place !== 'sandbox',
  async ask(draft, { questions }) {
    return await questions.enter({
      message: `Time until it expires, such as 90s, 1h, 7d or ${forEver}`,
      default: draft.expire === null ? forEver : `${draft.expire}s`,
      accept: async (text) => ({
        ...draft,
        expire: text === forEver ? null : readExpire('The answer', text),
      }),
    })
  },
}

/** What no socket can hold is refused before the broker is asked. @throws EviError `usage` */
export function checkSocket(socket: Socket): void {
  parseSocket(printSocket(socket))
}

function describeQueue(name: string, queue: QueueLookup, backKey: string): string {
  switch (queue.found) {
    case true:
      return `The queue "${name}" has ${queue.messages} messages and ${queue.consumers} consumers.`
    case false:
      return `There is no queue "${name}" yet; evi stands in for it in the test. ${backKey} takes another.`
    case 'exclusive':
      return `The queue "${name}" is exclusive to another connection.`
    case 'forbidden':
      return `Whether there is a queue "${name}" cannot be seen: this user has no permission (${queue.reason}).`
  }
}
