import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { eventArgument } from '#lib/cli/flags/shared.ts'
import { exportMark } from '#lib/domain/opensips/config-block.ts'
import { readVersion } from '#lib/domain/opensips/version.ts'
import { EviError } from '#lib/errors.ts'
import { writeTextFile } from '#lib/files/written-file.ts'
import { exportSubscriptions } from '#lib/services/export/export-subscriptions.ts'
import { requireSubscribers } from '#lib/services/subscriptions/select-sockets.ts'
import { exportDocument, renderExportedFile, renderExportNotes } from '#lib/views/export/render-export.ts'

export default class Export extends BaseCommand<typeof Export> {
  static override description =
    'print the subscriptions for OpenSIPS\n\n' +
    'Prints a block for opensips.cfg, quoted so that OpenSIPS reads back the same sockets, with the settings and TLS domains ' +
    'that they need; with --mi commands for a running OpenSIPS. What OpenSIPS cannot take is listed with the reason. See docs/opensips-config.md.'
  static override examples = [
    '<%= config.bin %> export',
    '<%= config.bin %> export E_PIKE_BLOCKED --for 3.1',
    '<%= config.bin %> export --with-passwords --output rabbitmq.cfg',
    '<%= config.bin %> export --mi',
  ]

  static override args = { event: eventArgument() }

  static override flags = {
    for: Flags.string({
      description: 'version of OpenSIPS: 3.1 and earlier read another form than 3.2 and later',
      helpValue: 'VERSION',
      default: '3.2',
    }),
    mi: Flags.boolean({ description: 'print commands for the Management Interface instead' }),
    'with-passwords': Flags.boolean({
      description: 'write the passwords, too, into a file that only its owner can read',
      dependsOn: ['output'],
    }),
    output: Flags.string({
      description: 'write to a file; only one that evi export has written is replaced',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const { mi, output: file, 'with-passwords': withPasswords } = this.flags
    const version = readVersion('--for', this.flags.for)
    if (file === '-')
      throw new EviError('usage', '--output names a file; without it all goes to standard output.')
    const { event } = this.args
    const store = await this.context.subscriptions()
    const now = new Date()
    const subscriptions = event === undefined ? store.live(now) : store.liveOf(event, now)
    requireSubscribers(
      subscriptions.map(({ socket }) => socket),
      event === undefined ? [] : [event],
    )
    const report = exportSubscriptions({
      subscriptions,
      version,
      mi,
      withPasswords,
      settings: (await this.context.storedSettings()).read(),
      tlsDomains: (await this.context.tlsDomains()).all(),
      environment: this.context.environment,
    })
    process.exitCode = report.exit
    const { text } = report
    if (text !== null && file !== undefined)
      writeTextFile(file, text, { mark: exportMark, mode: withPasswords ? 0o600 : 0o644 })
    if (!this.flags.json) this.err.write(renderExportNotes(report, this.err.style()))
    await this.present(report, {
      json: (one) => exportDocument(one, { file, withPasswords }),
      text: (one, style) =>
        text === null ? '' : file === undefined ? text : renderExportedFile(one, file, style),
      raw: file === undefined,
    })
  }
}
