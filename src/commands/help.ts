import { stripVTControlCharacters } from 'node:util'
import { loadHelpClass } from '@oclif/core/help'
import { BaseCommand } from '#lib/cli/base-command.ts'

export default class Help extends BaseCommand<typeof Help> {
  static override description = 'show the help of a command'
  static override examples = ['<%= config.bin %> help raise']
  static override strict = false
  static override usage = 'help [COMMAND]'

  async run(): Promise<void> {
    const { config } = this
    const HelpClass = await loadHelpClass(config)
    const help = new HelpClass(config, config.pjson.oclif.helpOptions)
    const lines: string[] = []
    if (this.flags.json) Object.assign(help, { log: (line = '') => lines.push(line) })
    await help.showHelp(this.positionals)
    if (this.flags.json) this.printJson({ help: stripVTControlCharacters(lines.join('\n')) })
  }
}
