import type { Command } from '@oclif/core/command'
import { CommandHelp, Help } from '@oclif/core/help'
import { fitHelp, wrapWidth } from './fit-help.ts'
import { flagValue } from './flag-value.ts'
import { helpFooter } from './links.ts'
import { rootHelp } from './root-help.ts'
import { synopsisOf } from './synopsis.ts'

/** oclif's help, with the examples of a command first, a usage of one line, and values named as in the man page. */
class EviCommandHelp extends CommandHelp {
  /** As in the man page; the flags are listed below. */
  protected override defaultUsage(): string {
    return synopsisOf(this.command).join(' ')
  }

  /** A prompt before each command, those too that do not begin with evi. */
  protected override examples(...given: Parameters<CommandHelp['examples']>): string | undefined {
    return super.examples(...given)?.replaceAll(/^(?=[a-z])/gm, '$$ ')
  }

  protected override flagHelpLabel(...[flag, ...more]: Parameters<CommandHelp['flagHelpLabel']>): string {
    const isNamed = flag.type !== 'option' || flag.options !== undefined
    return super.flagHelpLabel(isNamed ? flag : { ...flag, helpValue: flagValue(flag) }, ...more)
  }

  protected override sections() {
    const sections = super.sections()
    const isExamples = ({ header }: (typeof sections)[number]) => header === 'EXAMPLES'
    return [...sections.filter(isExamples), ...sections.filter((section) => !isExamples(section))]
  }
}

/** The help of evi: commands in groups, examples first, and where to read on. */
export default class EviHelp extends Help {
  protected override CommandHelpClass = EviCommandHelp

  constructor(...[config, options]: ConstructorParameters<typeof Help>) {
    const columns = terminalColumns()
    super(config, columns === undefined ? options : { ...options, maxWidth: wrapWidth(columns) })
  }

  protected override log(...texts: string[]): void {
    const columns = terminalColumns()
    super.log(...(columns === undefined ? texts : texts.map((text) => fitHelp(text, columns))))
  }

  override async showRootHelp(): Promise<void> {
    const { config } = this
    const topics = config.topics
      .filter(({ name }) => config.commands.some(({ id }) => id.startsWith(`${name}:`)))
      .map((topic) => entryOf(topic.name, topic))
    const commands = this.sortedCommands
      .filter(({ id }) => !id.includes(':') && topics.every(({ name }) => name !== id))
      .map((command) => entryOf(command.id, command))
    const summary = `evi ${config.version}: ${config.pjson.description ?? ''}`
    this.log(rootHelp(summary, [...commands, ...topics], helpFooter(config.pjson)).trimEnd())
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    await super.showCommandHelp(command)
    this.log(helpFooter(this.config.pjson))
  }
}

/** Undefined where help goes into a pipe or a file. */
function terminalColumns(): number | undefined {
  const { isTTY, columns } = process.stdout
  return isTTY && columns > 0 ? columns : undefined
}

function entryOf(name: string, { description = '' }: { description?: string | undefined }) {
  return { name, summary: description.split('\n', 1)[0] ?? '' }
}
