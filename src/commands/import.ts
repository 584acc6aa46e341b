import { BaseCommand } from '#lib/cli/base-command.ts'
import { importFlags } from '#lib/cli/flags/import.ts'
import { textArgument } from '#lib/cli/flags/shared/common.ts'
import { readSource } from '#lib/cli/import/read-source.ts'
import { importSubscriptions } from '#lib/services/import/import-subscriptions.ts'
import { importDocument, renderImport, renderImportNotes } from '#lib/views/import/render-import.ts'

export default class Import extends BaseCommand<typeof Import> {
  static override description =
    'take over the subscriptions of an opensips.cfg, or of a running OpenSIPS\n\n' +
    'Reads the file as OpenSIPS does, its includes, comments, strings and modparams, and adds the rabbitmq subscriptions that ' +
    'it is certain to make at startup, in one write, all or none. A warning names the file and line of whatever is not certain ' +
    "or not evi's. See docs/opensips-config.md."
  static override examples = [
    '<%= config.bin %> import /etc/opensips/opensips.cfg --dry-run',
    '<%= config.bin %> import /etc/opensips/opensips.cfg --settings --tls-domains',
    "<%= config.bin %> import opensips.cfg --define 'env(RABBIT)=rmq.example.com' --preprocess 'm4 -P'",
    '<%= config.bin %> import --opensips http://127.0.0.1:8888/mi --dry-run',
    'ssh sip1 cat /etc/opensips/opensips.cfg | <%= config.bin %> import -',
  ]

  static override args = {
    file: textArgument({ description: 'the opensips.cfg, - for standard input' }),
  }

  static override flags = importFlags

  async run(): Promise<void> {
    const { flags, context } = this
    const { 'dry-run': dryRun, settings: takeSettings, 'tls-domains': takeTlsDomains, replace } = flags
    const reading = await readSource(this.args.file, flags, context)
    const now = new Date()
    const allRoutes = flags['all-routes']
    const report = await importSubscriptions(
      { reading, allRoutes, replace, dryRun, takeSettings, takeTlsDomains, now },
      {
        subscriptions: await context.subscriptions(),
        settings: await context.storedSettings(),
        tlsDomains: await context.tlsDomains(),
      },
    )
    process.exitCode = report.exit
    const taken = { settings: takeSettings, tlsDomains: takeTlsDomains }
    await this.present(report, {
      json: (one) => importDocument(one, now),
      notes: (one, style) => renderImportNotes(one, taken, style),
      text: (one, style) => renderImport(one, { dryRun }, style),
    })
  }
}
