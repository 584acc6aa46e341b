import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { InferredArgs, InferredFlags } from '@oclif/core/interfaces'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { Context } from './context.ts'
import { isDocument, reportError, stackOf } from './report-error.ts'

type FlagsOf<T extends typeof Command> = InferredFlags<(typeof BaseCommand)['baseFlags'] & T['flags']>
type ArgsOf<T extends typeof Command> = InferredArgs<T['args']>

/** What all commands share: `--json`, typed parsing, and one way out for results and for errors. */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'print one JSON document instead of text', helpGroup: 'GLOBAL' }),
  }

  protected flags!: FlagsOf<T>
  protected args!: ArgsOf<T>
  /** All arguments in order, for a command that takes any number of them. */
  protected positionals!: string[]
  protected context!: Context

  override async init(): Promise<void> {
    await super.init()
    const { flags, args, argv } = await this.parse(this.ctor as unknown as Parameters<typeof this.parse>[0])
    this.flags = flags as FlagsOf<T>
    this.args = args as ArgsOf<T>
    this.positionals = argv as string[]
    this.context = new Context({
      configDirectory: this.config.configDir,
      environment: process.env,
      onExposed: (path, mode) => this.say(exposedNotice(path, mode)),
    })
  }

  /** Data, for stdout. */
  protected print(text: string): void {
    process.stdout.write(text)
  }

  /** A JSON document, for stdout. */
  protected printJson(document: unknown): void {
    process.stdout.write(`${visibleJson(JSON.stringify(document))}\n`)
  }

  /** Words for a person, for stderr. */
  protected say(text: string): void {
    process.stderr.write(text)
  }

  override async catch(error: unknown): Promise<void> {
    const json = isDocument(error, this.argv)
    const report = reportError(error, { json, command: this.id })
    process.exitCode = report.exit
    if (process.env.EVI_DEBUG) this.say(stackOf(error))
    if (json) this.print(report.text)
    else this.say(report.text)
  }
}

function exposedNotice(path: string, mode: number): string {
  const file = visibleLine(path)
  return (
    `Others can read the passwords in ${file} (mode ${mode.toString(8)}).\n` +
    `  If that is not on purpose: chmod 600 ${shellWord(file)}\n`
  )
}
