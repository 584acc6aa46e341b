import { BaseCommand } from '#lib/cli/base-command.ts'
import { raisedEvent, raiseFlags } from '#lib/cli/flags/raise.ts'
import { settingsFrom } from '#lib/cli/flags/shared/common.ts'
import { notificationOf } from '#lib/cli/raise/notification.ts'
import type { RaiseInvocation } from '#lib/cli/raise/raise-invocation.ts'
import { kindOfRaise } from '#lib/cli/raise/raise-kind.ts'
import { raiseOnce, targetOf } from '#lib/cli/raise/raise-once.ts'
import type { Repetition } from '#lib/services/raise/repeated-notifications.ts'
import { requireSubscribers } from '#lib/services/subscriptions/select-sockets.ts'
import { dryRunView } from '#lib/views/raise/render-dry-run.ts'
import { failuresView, raiseView } from '#lib/views/raise/render-raise.ts'

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

  static override args = { event: raisedEvent }
  static override flags = raiseFlags

  async run(): Promise<void> {
    const { args, flags, context, err } = this
    const kind = kindOfRaise(args.event, flags)
    const settings = await context.settings(settingsFrom(flags))
    const invocation = { event: args.event, flags, settings, context, err }
    if (kind === 'lines') return await this.raiseMany(invocation)
    const { payload, build } = await notificationOf(invocation)
    if (kind === 'by-opensips') return await this.raiseByOpenSips(invocation, payload)
    if (kind === 'repeated') return await this.raiseMany(invocation, { count: flags.count ?? 1, build })
    const publication = { payload, ...(await targetOf(invocation)) }
    if (kind === 'dry-run') return await this.present({ ...args, ...publication }, dryRunView)
    requireSubscribers(publication.sockets, [args.event])
    await this.showContext()
    const { report, closed } = await raiseOnce(publication, invocation)
    await Promise.all([this.presentReport(report, flags.quiet ? failuresView : raiseView), closed])
  }

  private async raiseMany(invocation: RaiseInvocation, repetition?: Repetition): Promise<void> {
    const { raiseMany } = await import('#lib/cli/raise/raise-many.ts')
    process.exitCode = await raiseMany(invocation, { repetition, onStart: () => this.showContext() })
  }

  private async raiseByOpenSips(invocation: RaiseInvocation, payload: string): Promise<void> {
    const { raiseThroughOpenSips } = await import('#lib/cli/raise/raise-by-opensips.ts')
    const { raiseByOpenSipsView } = await import('#lib/views/opensips/render-raise-by-opensips.ts')
    await this.showContext()
    const report = await raiseThroughOpenSips(payload, invocation)
    await this.presentReport(report, raiseByOpenSipsView)
  }
}
