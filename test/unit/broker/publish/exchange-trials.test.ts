import { expect, test } from 'vitest'
import type { Message } from '#lib/broker/broker.ts'
import type { WaitingMessage } from '#lib/broker/publish/channel-owner.ts'
import { Destinations } from '#lib/broker/publish/destination.ts'
import { ExchangeTrials } from '#lib/broker/publish/exchange-trials.ts'
import type { PublishChannel } from '#lib/broker/publish/publish-channel.ts'
import type { PublishChannels } from '#lib/broker/publish/publish-channels.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

type Waiting = WaitingMessage<Message, PublishChannel<Message>>

/** Trials on one main channel, and on two of their own from the first refusal on; nothing is sent. */
function scene() {
  const aChannel = () =>
    ({ waiting: [], trial: undefined, pump: () => {}, hurry: () => {} }) as unknown as PublishChannel<Message>
  const [main, ...separate] = [aChannel(), aChannel(), aChannel()]
  const channels = {
    forTrials: [main],
    separateTrials: () => {
      channels.forTrials = separate
    },
  }
  const failed: string[] = []
  let held = 0
  const owner = {
    settle: (message: Message) => void failed.push(message.body.toString()),
  }
  const listener = {
    held: (change: number) => {
      held += change
    },
  }
  const trials = new ExchangeTrials(owner, channels as unknown as PublishChannels<Message>, listener)
  const destinations = new Destinations([main as PublishChannel<Message>])
  const sockets = new Map<string, ReturnType<typeof parseSocket>>()
  const destinationOf = (exchange: string) => {
    const socket = sockets.get(exchange) ?? parseSocket(`rabbitmq:h/${exchange}?k`)
    sockets.set(exchange, socket)
    return destinations.of(socket)
  }
  return {
    trials,
    main: main as PublishChannel<Message>,
    separate,
    failed,
    destinationOf,
    heldCount: () => held,
    hold: (exchange: string, body: string) =>
      trials.hold({
        message: { body: Buffer.from(body) },
        destination: destinationOf(exchange),
        mayHaveArrived: false,
        manner: 'pipelined',
      } as Waiting),
  }
}

const waitingOn = (channel: PublishChannel<Message> | undefined) =>
  channel?.waiting.map(({ message, manner }) => `${message.body} ${manner}`)

test('the first message to an exchange is tried alone, and the others follow on the main channel once it was taken', () => {
  const { trials, main, hold, destinationOf } = scene()
  for (const body of ['1', '2', '3']) hold('works', body)
  trials.pump()
  expect(waitingOn(main)).toEqual(['1 trial'])
  const later = { message: { body: Buffer.from('4') }, destination: destinationOf('works') }
  main.waiting = [{ ...later, mayHaveArrived: false, manner: 'pipelined' }]
  const { exchangeState } = destinationOf('works')
  exchangeState.isTried = true
  trials.ended(main, exchangeState)
  expect(waitingOn(main)).toEqual(['2 pipelined', '3 pipelined', '4 pipelined'])
})

test('after a refusal the trials have channels of their own, one exchange each, and what they hold back is counted', () => {
  const { trials, main, separate, hold, destinationOf, failed, heldCount } = scene()
  for (const exchange of ['gone1', 'gone2', 'gone3', 'gone4']) hold(exchange, exchange)
  hold('gone1', 'gone1 again')
  trials.pump()
  expect([waitingOn(main), heldCount()]).toEqual([['gone1 trial'], 0])
  main.waiting = []
  const gone = destinationOf('gone1')
  gone.restOf('exchange').begin(() => ({ code: 'no-exchange', message: 'There is none.' }))
  trials.refused()
  expect(heldCount()).toBe(4)
  trials.ended(main, gone.exchangeState)
  expect([failed, heldCount()]).toEqual([['gone1 again'], 3])
  trials.pump()
  expect(waitingOn(main)).toEqual([])
  expect(separate.map(waitingOn)).toEqual([['gone2 trial'], ['gone3 trial']])
  expect(heldCount()).toBe(1)
})

test('a trial that fails for its message alone is followed by the next message to the exchange', () => {
  const { trials, main, hold, destinationOf, failed } = scene()
  hold('x', 'too large')
  hold('x', 'next')
  trials.pump()
  main.waiting = []
  trials.ended(main, destinationOf('x').exchangeState)
  trials.pump()
  expect([waitingOn(main), failed]).toEqual([['next trial'], []])
})

test('what is held back is taken in order for each socket, and counts no more', () => {
  const { trials, hold, heldCount } = scene()
  hold('x', '1')
  hold('y', '2')
  hold('x', '3')
  trials.refused()
  expect(heldCount()).toBe(3)
  expect(trials.takeAll().map(({ message }) => message.body.toString())).toEqual(['1', '3', '2'])
  expect(heldCount()).toBe(0)
})
