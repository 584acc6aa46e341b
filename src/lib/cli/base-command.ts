import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { InferredArgs, InferredFlags } from '@oclif/core/interfaces'
import type { Release } from '#lib/cli/process/hold-output.ts'
import { defaultContext } from '#lib/domain/context/context.ts'
import { contextVariable } from '#lib/services/contexts/choose-context.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import { type Output, outputOf, writeOut } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { Context } from './context.ts'
import { isDocument, reportError, stackOf } from './report-error.ts'
import type { Typed } from './suggestion.ts'

type FlagsOf<T extends typeof Command> = InferredFlags<(typeof BaseCommand)['baseFlags'] & T['flags']>
type ArgsOf<T extends typeof Command> = InferredArgs<T['args']>

/** How a command shows its result. */
interface View<R> {
  readonly json: (result: R) => unknown
  readonly text: (result: R, style: Style) => string | Promise<string>
  /** Where the text goes; stdout by default. */
  readonly to?: 'out' | 'err'
  /** Whether the text is for a program, and so is not laid out for a terminal. */
  readonly raw?: boolean
  /** What goes to stderr ahead of the text. */
  readonly notes?: (result: R, style: Style) => string
  /** What goes to stderr after the text. */
  readonly beside?: (result: R) => string
}

/** What all commands share: `--json`, typed parsing, and one way out for results and for errors. */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'print one JSON document instead of text', helpGroup: 'GLOBAL' }),
    context: Flags.string({
      description: 'context to work in, of evi context list',
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
    }),
    color: Flags.string({
      description: 'when to colour: on a terminal, always or never',
      helpGroup: 'GLOBAL',
      options: ['auto', 'always', 'never'],
    }),
  }

  protected flags!: FlagsOf<T>
  protected args!: ArgsOf<T>
  /** All arguments in order, for a command that takes any number of them. */
  protected positionals!: string[]
  protected context!: Context
  #release: Release | undefined

  override async init(): Promise<void> {
    await super.init()
    const { flags, args, argv } = await this.parse(this.ctor as unknown as Parameters<typeof this.parse>[0])
    this.flags = flags as FlagsOf<T>
    this.args = args as ArgsOf<T>
    this.positionals = argv as string[]
    this.reportOldNames()
    const { context: name, quiet } = this.flags as { context?: string; quiet?: boolean }
    if (quiet) this.#release = (await import('#lib/cli/process/hold-output.ts')).holdOutput()
    this.context = new Context({
      configDirectory: this.config.configDir,
      name,
      environment: process.env,
      onExposed: (path, mode) => this.err.write(exposedNotice(path, mode)),
      onChanged: (path) => this.reportChanged(path),
    })
    if (name === undefined) return
    await this.context.chosen()
    // For what this command starts.
    process.env[contextVariable] = name
  }

  /** Not held back by --quiet, as what the command does may not be what was stored. */
  private reportChanged(path: string): void {
    this.#release?.('changed')
    this.err.write(changedNotice(path))
  }

  /** Says which flags were given by a name that they no longer have. */
  private reportOldNames(): void {
    const end = this.argv.indexOf('--')
    const given = this.argv.slice(0, end < 0 ? undefined : end).map((word) => word.replace(/=.*/s, ''))
    for (const { name, aliases = [] } of Object.values(this.ctor.flags ?? {}))
      for (const alias of aliases.filter((one) => given.includes(`--${one}`)))
        this.err.write(`--${alias} is now called --${name}; the next version does not know --${alias}.\n`)
  }

  /** Results, on stdout. */
  protected get out(): Output {
    return outputOf(process.stdout, process.env)
  }

  /** What is said beside the results, on stderr. */
  protected get err(): Output {
    return outputOf(process.stderr, process.env)
  }

  /** Writes a result: with --json as one document on stdout, else as text. */
  protected async present<R>(result: R, view: View<R>): Promise<void> {
    const { json, text, to = 'out', raw = false, notes, beside } = view
    if (this.flags.json) return this.out.writeJson(json(result))
    if (notes) this.err.write(notes(result, this.err.style()))
    this[to][raw ? 'writeRaw' : 'write'](await text(result, this[to].style()))
    if (beside) this.err.write(beside(result))
  }

  /** Writes a report, and ends with its exit code. */
  protected async presentReport<R extends { readonly exit: number }>(
    report: R,
    view: View<R>,
  ): Promise<void> {
    process.exitCode = report.exit
    await this.present(report, view)
  }

  /** Whether there is a person to ask who wants to be asked: --json is for programs. */
  protected get mayAsk(): boolean {
    return canAsk() && !this.flags.json
  }

  /** Says which context events are raised in, to a person at a terminal. */
  protected async showContext(): Promise<void> {
    if (!process.stderr.isTTY || this.flags.json) return
    const { name } = await this.context.chosen()
    if (name !== defaultContext) this.err.write(`Context: ${name}\n`)
  }

  /** The text of a JSON document that may be too large to be held as a whole, as fast as its reader takes it. */
  protected async printPieces(pieces: Iterable<string>): Promise<void> {
    for (const piece of pieces) await writeOut(visibleJson(piece))
  }

  override async catch(error: unknown): Promise<void> {
    const { withSuggestion } = await import('./suggestion.ts')
    const json = isDocument(error, this.argv)
    const { style } = this.err
    const report = reportError(await withSuggestion(error, this.typed()), { json, command: this.id, style })
    process.exitCode = report.exit
    if (process.env.EVI_DEBUG) this.err.writeRaw(stackOf(error))
    if (json) this.out.writeRaw(report.text)
    else this.err.write(report.text)
  }

  override async finally(error: Error | undefined): Promise<void> {
    this.#release?.(process.exitCode)
    await super.finally(error)
  }

  private typed(): Typed {
    const { commands, topics } = this.config
    const flags = Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags }).map((name) => `--${name}`)
    const live = async () => (await this.context.subscriptions()).live(new Date())
    return {
      argv: this.argv,
      program: { commands, topics },
      command: { id: this.id ?? '', flags },
      // Without arguments where they were refused.
      event: { name: this.positionals?.[0], stored: async () => (await live()).map(({ event }) => event) },
    }
  }
}

function changedNotice(path: string): string {
  return (
    `${visibleLine(path)} is not as evi wrote it: its checksum does not fit.\n` +
    '  If that is on purpose, take "checksum" out of its first line; if not, put back a copy of it.\n'
  )
}

function exposedNotice(path: string, mode: number): string {
  const file = visibleLine(path)
  return (
    `Others can read the passwords in ${file} (mode ${mode.toString(8)}).\n` +
    `  If that is not on purpose: chmod 600 ${shellWord(file)}\n`
  )
}
