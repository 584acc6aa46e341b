import { stripVTControlCharacters } from 'node:util'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import EviHelp from '#lib/cli/help/evi-help.ts'

export default class Help extends BaseCommand<typeof Help> {
  static override description = 'show the help of a command'
  static override examples = ['<%= config.bin %> help raise', '<%= config.bin %> help --man raise']
  static override strict = false
  static override usage = 'help [COMMAND]'

  static override flags = {
    man: Flags.boolean({ description: 'show the man page instead' }),
  }

  async run(): Promise<void> {
    if (this.flags.man) return await this.showManPage()
    const { config } = this
    const help = new EviHelp(config, config.pjson.oclif.helpOptions)
    const lines: string[] = []
    if (this.flags.json) Object.assign(help, { log: (line = '') => lines.push(line) })
    await help.showHelp(this.positionals)
    if (this.flags.json) this.out.writeJson({ help: stripVTControlCharacters(lines.join('\n')) })
  }

  private async showManPage(): Promise<void> {
    const { manPageFor } = await import('#lib/cli/help/man-page.ts')
    const { name, page } = manPageFor(this.positionals, this.config)
    if (this.flags.json) return this.out.writeJson({ help: page })
    const { showManPage } = await import('#lib/cli/help/show-man-page.ts')
    process.exitCode = await showManPage(name, page)
  }
}
