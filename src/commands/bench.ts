import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { benchFlags, isForSocketItself, standard } from '#lib/cli/flags/bench.ts'
import {
  connectionFlags,
  maxMessageFlag,
  renamedReplyTimeoutFlag,
  settingsFrom,
  textArgument,
} from '#lib/cli/flags/shared.ts'
import { givenPassword, passwordFlags } from '#lib/cli/flags/socket.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { checkSize } from '#lib/domain/event/notification.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { type BenchRequest, bench } from '#lib/services/bench/bench.ts'
import { paddedNotification } from '#lib/services/bench/padded-notification.ts'
import { completeSockets } from '#lib/services/subscriptions/select-sockets.ts'
import { startBenchProgress } from '#lib/views/bench/bench-progress.ts'
import {
  benchDocument,
  renderBench,
  renderBenchEnd,
  renderBenchStart,
} from '#lib/views/bench/render-bench.ts'
import type { Progress } from '#lib/views/raise-stream/progress-bar.ts'

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
    "<%= config.bin %> bench 'rabbitmq:127.0.0.1/persistent?pike' --count 20000 --publish-there --consumers-get-them",
    '<%= config.bin %> bench rabbitmq:127.0.0.1/pike --size 4096 --window 200 --json',
  ]

  static override args = {
    socket: textArgument({
      required: true,
      description: 'the wiring, such as rabbitmq:user@host:5672/routing_key',
    }),
  }

  static override flags = {
    ...benchFlags,
    ...passwordFlags,
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
    'max-message': maxMessageFlag,
  }

  async run(): Promise<void> {
    const { size = standard.size, window = standard.window, rate, duration, count } = this.flags
    const queue = isForSocketItself(this.flags) ? 'existing' : 'temporary'
    const settings = await this.context.settings(settingsFrom(this.flags))
    checkSize(size, settings.max_message)
    await this.showContext()
    await this.measure({
      socket: await this.socket(),
      queue,
      body: Buffer.from(paddedNotification(size)),
      window,
      rate,
      length: count === undefined ? { seconds: duration ?? standard.seconds } : { events: count },
      timing: timingOf(settings),
    })
  }

  private async measure(load: Omit<BenchRequest, 'signal' | 'onStart'>): Promise<void> {
    const style = this.err.style()
    let progress: Progress | undefined
    const onStart: BenchRequest['onStart'] = async (host, counts) => {
      this.err.write(renderBenchStart(load, host, style))
      if (process.stderr.isTTY) progress = await startBenchProgress(counts, load.length)
    }
    const broker = await this.context.broker()
    const report = await bench({ ...load, signal: takeInterrupts(), onStart }, broker)
    progress?.stop()
    process.exitCode = report.exit
    await this.present(report, {
      json: () => benchDocument(load, report),
      text: (_, onOut) => renderBench(load, report, onOut),
    })
    this.err.write(renderBenchEnd(load, report, style))
  }

  private async socket(): Promise<Socket> {
    const given = parseSocket(this.args.socket)
    const password = await givenPassword(this.flags)
    const store = await this.context.subscriptions()
    const [socket = given] = completeSockets([{ ...given, password: given.password ?? password }], () =>
      store.live(new Date()),
    )
    return socket
  }
}
