import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { openSipsFlag, quietFlag, textArgument } from '#lib/cli/flags/shared.ts'
import { filterCommand } from '#lib/cli/process/filter-command.ts'
import { readDefinitions } from '#lib/domain/opensips/config/definitions.ts'
import type { Reading } from '#lib/domain/opensips/reading.ts'
import { EviError } from '#lib/errors.ts'
import { includeOpener, openConfig } from '#lib/files/config-files.ts'
import { importSubscriptions } from '#lib/services/import/import-subscriptions.ts'
import { readConfigFile } from '#lib/services/import/read-config-file.ts'
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

  static override flags = {
    opensips: openSipsFlag,
    quiet: quietFlag,
    'dry-run': Flags.boolean({ description: 'show what would be taken over and write nothing' }),
    'all-routes': Flags.boolean({
      description: 'take the subscriptions that are not certain to be made at startup, too',
    }),
    define: Flags.string({
      description: 'give a variable its value: var(NAME), avp(NAME), env(NAME), or NAME for any of them',
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    preprocess: Flags.string({
      description:
        "run the file with its includes through a command first, as OpenSIPS's -p does; without a shell",
      helpValue: 'COMMAND',
    }),
    settings: Flags.boolean({ description: "take over event_rabbitmq's modparams as settings, too" }),
    'tls-domains': Flags.boolean({ description: "take over tls_mgm's client domains, too" }),
    replace: Flags.boolean({
      description: "remove the stored subscriptions to the file's events that are not in the file",
    }),
  }

  async run(): Promise<void> {
    const { 'dry-run': dryRun, settings: takeSettings, 'tls-domains': takeTlsDomains } = this.flags
    const reading = await (this.args.file === undefined ? this.ask() : this.read(this.args.file))
    const now = new Date()
    const report = await importSubscriptions(
      {
        reading,
        allRoutes: this.flags['all-routes'],
        replace: this.flags.replace,
        dryRun,
        takeSettings,
        takeTlsDomains,
        now,
      },
      {
        subscriptions: await this.context.subscriptions(),
        settings: await this.context.storedSettings(),
        tlsDomains: await this.context.tlsDomains(),
      },
    )
    process.exitCode = report.exit
    const taken = { settings: takeSettings, tlsDomains: takeTlsDomains }
    if (!this.flags.json) this.err.write(renderImportNotes(report, taken, this.err.style()))
    await this.present(report, {
      json: (one) => importDocument(one, now),
      text: (one, style) => renderImport(one, { dryRun }, style),
    })
  }

  /** From a running OpenSIPS. */
  private async ask(): Promise<Reading> {
    const openSips = await this.context.openSips(
      this.flags.opensips,
      timingOf(await this.context.settings({})),
    )
    if (openSips === undefined) {
      throw new EviError('usage', 'Give the FILE to read, or the address of a running OpenSIPS.', {
        hint: 'evi import /etc/opensips/opensips.cfg, or evi import --opensips http://HOST:8888/mi',
      })
    }
    const { readOpenSips } = await import('#lib/services/opensips/read-opensips.ts')
    const live = (await this.context.subscriptions()).live(new Date())
    const { AskingProgress } = await import('#lib/views/opensips/asking-progress.ts')
    const known = live.map(({ socket }) => socket)
    return await readOpenSips(openSips, { known, listener: new AskingProgress() })
  }

  private async read(file: string): Promise<Reading> {
    if (this.flags.opensips !== undefined)
      throw new EviError('usage', 'A FILE cannot be used with --opensips.')
    const { preprocess, define = [] } = this.flags
    const defined = readDefinitions(define)
    return await readConfigFile({
      main: await openConfig(file),
      openInclude: includeOpener(),
      defined,
      preprocess: preprocess === undefined ? undefined : (input) => filterCommand(preprocess, input),
    })
  }
}
