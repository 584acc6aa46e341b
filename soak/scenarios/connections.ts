import { startBroker } from '../../test/helpers/brokers/cluster.ts'
import { makeQueue } from '../queue.ts'
import type { Scenario } from '../scenario.ts'
import { Consumer } from '../stream/consumer.ts'
import { outcomeOf, startStream } from '../stream/course.ts'
import { Tally } from '../stream/tally.ts'

/** The consumer's own, so that it can be spared. */
const user = 'soak'
/** Events that wait for the last fault, so that none comes too late. */
const last = 5000

export const connections: Scenario = {
  name: 'connections',
  promise:
    "While the stream runs, the broker closes evi's connections again and again: in order, as by `rabbitmqctl " +
    'close_connection`, some while they are opened; without a word, as when the process that serves one crashes; and by ' +
    'the crash of a channel. Every event arrives, and evi ends with 0.',
  run: async (rig) => {
    const { nodes, stop } = await startBroker()
    try {
      const [node] = nodes
      const queue = await makeQueue(node)
      await node.rabbitmqctl('add_user', user, user)
      await node.rabbitmqctl('set_permissions', user, '.*', '.*', '.*')
      const events = rig.quick ? 100_000 : 500_000
      const tally = new Tally(events)
      await using consumer = new Consumer({ queue, tally, user })
      await consumer.attach(node.port)
      const socket = `rabbitmq:${node.address}/persistent?${queue}`
      using stream = startStream({ rig, socket, events })
      stream.open(1)
      await consumer.sees(1, stream.ended)
      stream.open(events - last)
      const closing = node.rabbitmqctl('eval', closings(rig.quick ? 15 : 100, rig.random.between(1, 2 ** 30)))
      const faults = Number(await closing)
      stream.look()
      stream.open(events)
      const end = await stream.ended
      await consumer.drain()
      return outcomeOf({ rig, stream, end, tally, events, faults })
    } finally {
      await stop()
    }
  },
}

/**
 * Erlang that closes what is not the consumer's, so many times, some milliseconds apart; prints how often there was
 * something to close.
 */
function closings(times: number, seed: number): string {
  return `
    rand:seed(exsss, ${seed}),
    Not = fun(Items) -> proplists:get_value(user, Items) =/= <<"${user}">> end,
    Ask = fun(Module, Pid) -> try Not(Module:info(Pid, [user])) catch _:_ -> true end end,
    Readers = fun() -> [P || P <- rabbit_networking:connections(), Ask(rabbit_reader, P)] end,
    Channels = fun() -> [P || P <- rabbit_channel:list_local(), Ask(rabbit_channel, P)] end,
    Strike = fun
      (1) -> [exit(P, kill) || P <- Readers()];
      (2) -> [exit(P, kill) || P <- Channels()];
      (_) -> [rabbit_networking:close_connection(P, "soak") || P <- Readers()]
    end,
    length([hit || _ <- lists:seq(1, ${times}),
      timer:sleep(rand:uniform(250)) =:= ok,
      Strike(rand:uniform(4)) =/= []]).`
}
