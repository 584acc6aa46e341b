import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { messageFlags } from '#lib/cli/flags/message.ts'
import {
  connectionFlags,
  eventArgument,
  managementFlag,
  maxMessageFlag,
  quietFlag,
  renamedReplyTimeoutFlag,
  settingsFrom,
} from '#lib/cli/flags/shared.ts'
import { givenSockets, socketFlags } from '#lib/cli/flags/socket.ts'
import { type RaiseKind, refuseMixture, streamFlags } from '#lib/cli/flags/stream.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { readMessageProperties } from '#lib/domain/event/message-properties.ts'
import { checkSize, type ParamsInput, paramNames } from '#lib/domain/event/notification.ts'
import { templatedNotification } from '#lib/domain/event/templated-params.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { readInput } from '#lib/files/read-input.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import { raiseEvent } from '#lib/services/raise/raise.ts'
import type { Repetition } from '#lib/services/raise/repeated-notifications.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { raiseDocument, renderRaise } from '#lib/views/raise/render-raise.ts'

/** In the place of the event's name. */
const standardInput = '-'

const many = { multiple: true, multipleNonGreedy: true } as const

export default class Raise extends BaseCommand<typeof Raise> {
  static override description =
    'publish an event to its subscribers\n\nA missing queue, exchange or permission and a rejection (nack) are reported for each subscriber. Exit code 0 means that each event was handed to its broker, which returned and rejected none; with --sync, that each was confirmed.'
  static override examples = [
    '<%= config.bin %> raise E_PIKE_BLOCKED --param ip=192.168.2.11',
    '<%= config.bin %> raise E_DLG_STATE_CHANGED --example --param new_state:=5',
    '<%= config.bin %> raise E_SIP_MESSAGE --param user=alice --param count:=3 --sync',
    '<%= config.bin %> raise E_PIKE_BLOCKED --param ip=10.0.0.{{random 1 254}} --count 1000 --rate 50',
    'echo \'{"ip":"192.168.2.11"}\' | <%= config.bin %> raise E_PIKE_BLOCKED --params -',
    '<%= config.bin %> raise E_PIKE_BLOCKED --socket rabbitmq:127.0.0.1/pike --dry-run',
    '<%= config.bin %> raise E_PIKE_BLOCKED --param ip=192.168.2.11 --opensips http://127.0.0.1:8888/mi',
    '<%= config.bin %> raise E_PIKE_BLOCKED --batch params.ndjson --sync --failed undelivered.ndjson',
    '<%= config.bin %> tail --json > recorded.ndjson; <%= config.bin %> raise - --speed 1 < recorded.ndjson',
  ]

  static override args = {
    event: eventArgument({
      required: true,
      description: 'name of the event; - reads whole notifications from standard input, one a line',
      parse: async (name) => (name === standardInput ? name : checkEventName(name)),
    }),
  }

  static override flags = {
    quiet: quietFlag,
    param: Flags.string({
      ...many,
      char: 'p',
      description: 'parameter: a string, or any JSON with :=',
      helpValue: 'NAME=VALUE',
    }),
    arg: Flags.string({ ...many, char: 'a', description: 'unnamed parameter, a string', helpValue: 'VALUE' }),
    params: Flags.string({
      description:
        'all parameters, a JSON object or array; @FILE reads them from a file, - from standard input',
      helpValue: 'JSON',
    }),
    example: Flags.boolean({
      description: 'fill in the parameters that OpenSIPS sends with realistic values; --param overrides',
      exclusive: ['arg', 'params'],
    }),
    ...socketFlags('publish here instead of to the subscribers'),
    verify: Flags.boolean({
      description: 'wait for the proof that the event left each exchange, and for the confirm',
      exclusive: ['dry-run'],
    }),
    management: managementFlag,
    opensips: Flags.string({
      description: 'have OpenSIPS raise it, by its Management Interface, and prove that it arrives',
      helpValue: 'URL',
      exclusive: ['arg', 'batch', 'count', 'dry-run', 'sync', 'verify', ...Object.keys(messageFlags)],
    }),
    yes: Flags.boolean({ char: 'y', description: 'with --opensips: do not ask', dependsOn: ['opensips'] }),
    'dry-run': Flags.boolean({ description: 'print the payload and connect to nothing' }),
    ...messageFlags,
    sync: Flags.boolean({
      allowNo: true,
      description:
        'say confirmed, and retry what is rejected or unconfirmed; without, sent means handed to the broker',
      helpGroup: 'SETTINGS',
    }),
    ...streamFlags,
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
    'max-message': maxMessageFlag,
  }

  async run(): Promise<void> {
    const { event } = this.args
    this.refuseMixtures()
    const settings = await this.context.settings(settingsFrom(this.flags))
    if (this.kind() === 'lines') return await this.raiseLines(settings)
    const build = await this.payloadBuilder()
    const payload = build(1)
    checkSize(Buffer.byteLength(payload), settings.max_message)
    await warnOfDoubtfulNames({ event, params: paramNames(payload) }, this.err)
    if (this.flags.opensips !== undefined) return await this.raiseByOpenSips(payload, settings)
    const { count } = this.flags
    if (count !== undefined) return await this.raiseLines(settings, { count, build })
    const properties = readMessageProperties(this.flags)
    const sockets = await this.chooseSockets()
    if (this.flags['dry-run']) return this.showOnly(payload, sockets)
    requireSubscribers(sockets, [event])
    await this.showContext()
    const confirm = settings.sync_mode === 1
    const timing = timingOf(settings)
    const verify = this.flags.verify ? await this.routeJudge(settings.timeout) : undefined
    const request = { event, payload, sockets, properties, confirm, timing, verify }
    const report = await raiseEvent(request, await this.context.broker())
    process.exitCode = report.exit
    await this.present(report, { json: raiseDocument, text: renderRaise })
  }

  /** Publishes nothing itself. */
  private async raiseByOpenSips(payload: string, settings: Settings): Promise<void> {
    const { raiseThroughOpenSips } = await import('#lib/cli/raise-by-opensips.ts')
    await this.showContext()
    const { raiseByOpenSipsDocument, renderRaiseByOpenSips } = await import(
      '#lib/views/opensips/render-raise-by-opensips.ts'
    )
    const report = await raiseThroughOpenSips({
      event: this.args.event,
      payload,
      settings,
      flags: this.flags,
      given: await givenSockets(this.flags),
      context: this.context,
      err: this.err,
    })
    process.exitCode = report.exit
    await this.present(report, { json: raiseByOpenSipsDocument, text: renderRaiseByOpenSips })
  }

  /** An event for each line, or one again and again. */
  private async raiseLines(settings: Settings, repetition?: Repetition): Promise<void> {
    const event = this.args.event === standardInput ? undefined : this.args.event
    if (event !== undefined && !repetition) await warnOfDoubtfulNames({ event }, this.err)
    const { raiseLines } = await import('#lib/cli/raise-stream.ts')
    await this.showContext()
    process.exitCode = await raiseLines({
      event,
      repetition,
      flags: this.flags,
      settings,
      properties: readMessageProperties(this.flags),
      given: await this.givenSockets(),
      store: await this.context.subscriptions(),
      broker: await this.context.broker(),
      environment: this.context.environment,
    })
  }

  private kind(): RaiseKind {
    if (this.args.event === standardInput || this.flags.batch !== undefined) return 'lines'
    return this.flags.count === undefined ? 'single' : 'repeated'
  }

  private refuseMixtures(): void {
    const { batch, params, verify, sync, 'password-file': passwordFile } = this.flags
    const whole = this.args.event === standardInput
    if (whole && this.flags.opensips !== undefined)
      throw new EviError('usage', '--opensips is for one EVENT.')
    if (whole && batch !== undefined) throw new EviError('usage', '--batch is for the params of one EVENT.')
    refuseMixture(this.flags, this.kind())
    const readers = [whole || batch === '-', params === '-', passwordFile === '-'].filter(Boolean)
    if (readers.length > 1)
      throw new EviError('usage', 'Standard input cannot give both the parameters and the password.')
    if (verify && sync === false)
      throw new EviError('usage', '--verify waits for confirms, so --no-sync does not go with it.')
  }

  private async routeJudge(replyTimeout: number): Promise<RouteJudge> {
    const { routeJudge } = await import('#lib/services/check/route-check.ts')
    const { managementFinder } = await import('#lib/services/check/management-finder.ts')
    return routeJudge(managementFinder(this.flags.management, this.context.managementOpener(replyTimeout)))
  }

  /** The notification of an event, by its number from 1. */
  private async payloadBuilder(): Promise<(n: number) => string> {
    const build = templatedNotification(this.args.event, await this.paramsInput())
    const values = { uuid: () => crypto.randomUUID(), now: () => new Date(), random: Math.random }
    return (n) => build({ n, ...values })
  }

  private async paramsInput(): Promise<ParamsInput> {
    const { event } = this.args
    const { param: named = [], arg: unnamed = [], params, example } = this.flags
    if (example) {
      const { exampleParams } = await import('#lib/domain/event/example-params.ts')
      return { named: await exampleParams(event, named), unnamed: [], whole: undefined }
    }
    const file = params === '-' ? '-' : params?.startsWith('@') ? params.slice(1) : undefined
    const whole = file === undefined ? params : await readInput(file)
    return { named, unnamed, whole }
  }

  private async chooseSockets(): Promise<readonly Socket[]> {
    const given = await this.givenSockets()
    if (given) return given
    const subscribers = (await this.context.subscriptions()).liveOf(this.args.event, new Date())
    return distinctSockets(subscribers.map(({ socket }) => socket))
  }

  private async givenSockets(): Promise<readonly Socket[] | undefined> {
    const given = await givenSockets(this.flags)
    const store = await this.context.subscriptions()
    return given && completeSockets(given, () => store.live(new Date()))
  }

  private showOnly(payload: string, sockets: readonly Socket[]): void {
    const { event } = this.args
    const printed = sockets.map(printSocket)
    if (this.flags.json) {
      this.printJson({ event, payload, bytes: Buffer.byteLength(payload), sockets: printed })
      return
    }
    // The exact bytes, so no line end of ours among them.
    this.out.writeRaw(payload)
    if (process.stdout.isTTY) this.err.write('\n')
    this.err.write(
      printed.length === 0 ? `${visibleLine(event)} has no subscribers.\n` : `${printed.join('\n')}\n`,
    )
  }
}
