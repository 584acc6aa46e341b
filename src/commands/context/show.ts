import { BaseCommand } from '#lib/cli/base-command.ts'
import { renderContext } from '#lib/views/contexts/render-contexts.ts'

export default class ContextShow extends BaseCommand<typeof ContextShow> {
  static override description =
    'show the context that commands work in, what chose it, and where its files are'
  static override examples = [
    '<%= config.bin %> context show',
    '<%= config.bin %> context show --context staging',
  ]

  async run(): Promise<void> {
    const chosen = await this.context.chosen()
    const subscriptions = (await this.context.subscriptions()).live(new Date()).length
    const tlsDomains = (await this.context.tlsDomains()).all().length
    const context = { ...chosen, subscriptions, tlsDomains }
    await this.present(context, { json: () => ({ context }), text: renderContext })
  }
}
