import { BaseCommand } from '#lib/cli/base-command.ts'
import { contextArgument } from '#lib/cli/flags/shared/context.ts'
import { renderContextMade } from '#lib/views/contexts/render-contexts.ts'

export default class ContextCreate extends BaseCommand<typeof ContextCreate> {
  static override description = 'make a context without subscriptions'
  static override examples = ['<%= config.bin %> context create staging']

  static override args = { name: contextArgument('name of the new context') }

  async run(): Promise<void> {
    const { name } = this.args
    await (await this.context.contexts()).create(name)
    await this.present(name, { json: () => ({ created: name }), text: renderContextMade })
  }
}
