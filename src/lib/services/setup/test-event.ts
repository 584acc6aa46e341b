import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import type { BrokerConnection, PublishOutcome } from '#lib/broker/broker.ts'
import { testMark } from '#lib/domain/event/doubts.ts'
import { buildNotification } from '#lib/domain/event/notification.ts'
import { harmlesslyWatched } from '#lib/domain/failure/permissions.ts'
import { type BindingArguments, copyingBinding, delayedType } from '#lib/domain/routing/copying.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import { withConnection } from './login.ts'
import type { Choice, Draft, SetupPorts, Step } from './ports.ts'

/** What the test event says, as `evi raise --param` takes it. */
export const testParameter = `${testMark}=test`

/** The last question: whether to raise the test event, who gets it, and then to store. */
export const finish: Step = {
  applies: () => true,
  async ask(draft, ports) {
    const choices: readonly Choice<boolean>[] = [
      { name: 'yes, after a test event', answer: true, about: whoGetsIt(draft) },
      { name: 'yes, without a test event', answer: false },
    ]
    return await ports.questions.choose({
      message: `Subscribe ${printSocket(draft.socket)} to ${draft.event}?`,
      choices,
      default: true,
      accept: async (test) => {
        if (test) ports.questions.say('good', await raiseTest(draft, ports))
        return draft
      },
    })
  },
}

function whoGetsIt({ socket: { exchange, routingKey }, queue }: Draft): string {
  if (exchange !== '') return 'Every queue that is bound to the exchange with this key gets it, too.'
  return queue?.found === false
    ? 'Only evi gets it.'
    : `It stays in the queue "${routingKey}" until its consumer takes it.`
}

/** Raises the test event, sees it arrive, and says so. @throws EviError why it did not */
async function raiseTest(draft: Draft, ports: SetupPorts): Promise<string> {
  const params = { named: [testParameter], unnamed: [], whole: undefined }
  const body = Buffer.from(buildNotification(draft.event, params))
  return await withConnection(draft, ports, async (connection) => {
    const bindingArguments = await harmlessBinding(draft, connection)
    const { socket } = draft
    const watched = bindingArguments ? [harmlesslyWatched(socket)] : []
    const permissions = new LoginPermissions([socket], watched)
    const granting = (error: unknown): never => {
      throw error instanceof EviError ? permissions.inError(socket, error) : error
    }
    const arrival =
      bindingArguments && (await watch(connection, { draft, body, bindingArguments }).catch(granting))
    const start = performance.now()
    refuseFailure(permissions.inOutcome(socket, await connection.publish({ socket, body, properties: {} })))
    await arrival?.(ports.timing.replyTimeout)
    const ms = millisecondsSince(start)
    const place = draft.socket.exchange === '' ? 'is in the queue' : 'was routed to a queue'
    return `The test event ${arrival ? 'arrived' : place} after ${ms} ms: ${body}`
  })
}

/** Arguments for a queue of evi's own that takes nothing from others, as far as AMQP shows; undefined without any. */
async function harmlessBinding(
  { socket, queue }: Draft,
  connection: BrokerConnection,
): Promise<BindingArguments | undefined> {
  if (socket.exchange === '') return queue?.found === false ? {} : undefined
  const { type, alternate } = await connection.describeExchange(socket)
  if (alternate !== null || type === undefined || type === delayedType) return undefined
  return copyingBinding(type)
}

interface Watch {
  readonly draft: Draft
  readonly body: Buffer
  readonly bindingArguments: BindingArguments
}

/** Opens a consumer; what is returned waits for the event. */
async function watch(
  connection: BrokerConnection,
  { draft: { socket }, body, bindingArguments }: Watch,
): Promise<(milliseconds: number) => Promise<void>> {
  const { promise: arrived, resolve } = Promise.withResolvers<'arrived'>()
  await connection.openConsumer({
    socket,
    bindingKey: undefined,
    bindingArguments,
    onMessages: async (messages) => {
      if (messages.some((message) => message.body.equals(body))) resolve('arrived')
    },
    onOverflow: () => {},
  })
  return async (milliseconds) => {
    const { promise: late, resolve: giveUp } = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => giveUp('late'), milliseconds)
    const end = await Promise.race([arrived, late, connection.lost])
    clearTimeout(timer)
    if (end === 'arrived') return
    throw end instanceof EviError
      ? end
      : new EviError('timeout', `The broker took the event, but it did not arrive within ${milliseconds} ms.`)
  }
}

function refuseFailure(outcome: PublishOutcome): void {
  if ('code' in outcome) throw new EviError(outcome.code, outcome.message, { hint: outcome.hint })
}
