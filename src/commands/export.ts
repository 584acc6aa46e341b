import { BaseCommand } from '#lib/cli/base-command.ts'
import { runExport } from '#lib/cli/export/run-export.ts'
import { exportFlags } from '#lib/cli/flags/export.ts'
import { eventArgument } from '#lib/cli/flags/shared/common.ts'
import { exportDocument, renderExport, renderExportNotes } from '#lib/views/export/render-export.ts'

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

  static override flags = exportFlags

  async run(): Promise<void> {
    const { args, flags, context } = this
    const { output: file, 'with-passwords': withPasswords } = flags
    const report = await runExport(args.event, flags, context)
    await this.presentReport(report, {
      json: (one) => exportDocument(one, { file, withPasswords }),
      notes: renderExportNotes,
      text: (one, style) => renderExport(one, file, style),
      raw: file === undefined,
    })
  }
}
