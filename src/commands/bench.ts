import { BaseCommand } from '#lib/cli/base-command.ts'
import { benchedSocket, benchLoad } from '#lib/cli/bench/bench-load.ts'
import { measure } from '#lib/cli/bench/measure.ts'
import { benchFlags } from '#lib/cli/flags/bench.ts'
import { settingsFrom, textArgument } from '#lib/cli/flags/shared/common.ts'
import { benchDocument, renderBench, renderBenchEnd } from '#lib/views/bench/render-bench.ts'

export default class Bench extends BaseCommand<typeof Bench> {
  static override description =
    'measure what a wiring can carry: events a second, and how long their confirms take\n\n' +
    "Publishes events with publisher confirms over the socket's broker, login, vhost and TLS to a queue of its own, which " +
    "is bounded and gone afterwards, so that no other queue gets anything. A confirm's time is from the publishing to the " +
    'confirm. At full speed it measures the window more than the network: so many events in flight wait for each other ' +
    '(window / events a second); with --rate it is the latency under that load. The first tenth, a second at most, is a warm-up and in no number.'
  static override examples = [
    '<%= config.bin %> bench rabbitmq:127.0.0.1/pike',
    '<%= config.bin %> bench rabbitmq:127.0.0.1/pike --rate 1000 --duration 10',
    "<%= config.bin %> bench 'rabbitmq:127.0.0.1/persistent?pike' --count 20000 --consumers-get-them",
    '<%= config.bin %> bench rabbitmq:127.0.0.1/pike --size 4096 --window 200 --json',
  ]

  static override args = {
    socket: textArgument({
      required: true,
      description: 'the wiring, such as rabbitmq:user@host:5672/routing_key',
    }),
  }

  static override flags = benchFlags

  async run(): Promise<void> {
    const { args, flags, context, err } = this
    const parts = benchLoad(flags, await context.settings(settingsFrom(flags)))
    await this.showContext()
    const load = { ...parts, socket: await benchedSocket(args.socket, flags, { context, err }) }
    const report = await measure(load, { context, err })
    await this.presentReport(report, {
      json: () => benchDocument(load, report),
      text: (_, style) => renderBench(load, report, style),
    })
    err.write(renderBenchEnd(load, report, err.style()))
  }
}
